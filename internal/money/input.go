package money

// Input is an amount as a client writes it; [Parse] makes minor units of it.
type Input struct {
	Amount   string // major units, "1234.50"
	Currency string // ISO 4217
}
