package closing

// Deletion deletes a company; its name is asked once more, to be sure.
type Deletion struct {
	CompanyID   string
	ConfirmName string
}
