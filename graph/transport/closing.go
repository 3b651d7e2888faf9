package transport

// closing is why a socket closes: a code of RFC 6455 or of the protocol, and
// a sentence for the person who debugs the client.
type closing struct {
	code   int
	reason string // at most 123 bytes; nothing that the client sent stands in it
}

var (
	badMessage      = closing{4400, "This is no message of graphql-transport-ws."}
	notAcknowledged = closing{4401, "Wait for connection_ack before the first operation."}
	noAccess        = closing{4403, "The credentials are refused or no longer valid."}
	noSubprotocol   = closing{4406, "Ask for the subprotocol graphql-transport-ws."}
	initTooLate     = closing{4408, "No connection_init came in time."}
	idInUse         = closing{4409, "An operation with this id is active."}
	secondInit      = closing{4429, "connection_init was sent before."}
	notUTF8         = closing{1007, "The message is not UTF-8."}
	messageTooLarge = closing{1009, "The message is too large."}
	fault           = closing{1011, "The server failed."}
	goingDown       = closing{1012, "The server is going down."}
	overloaded      = closing{1013, "The server cannot answer now. Try again later."}
	tooManySockets  = closing{1013, "This person has too many sockets."}
)
