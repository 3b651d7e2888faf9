package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// sessionPrefix begins the tokens of sessions.
const sessionPrefix = "hubs_"

// Sizes of a token's parts, in characters. 43 digits of base 62 hold 256 bits,
// 6 hold the checksum.
const (
	secretDigits   = 43
	checksumDigits = 6
)

// newToken returns a secret that nobody can guess: the prefix, 256 random bits
// and a checksum, by which scanners tell a leaked token from a text that only
// looks like one.
func newToken(prefix string) string {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails: it would end the program
	secret := prefix + digits(new(big.Int).SetBytes(bits), secretDigits)
	return secret + checksum(secret)
}

// isToken reports whether the text was made by [newToken] with the prefix, so
// that garbage costs no look into the database.
func isToken(prefix, text string) bool {
	end := len(prefix) + secretDigits
	return len(text) == end+checksumDigits && strings.HasPrefix(text, prefix) && text[end:] == checksum(text[:end])
}

func checksum(s string) string {
	return digits(big.NewInt(int64(crc32.ChecksumIEEE([]byte(s)))), checksumDigits)
}

// digits writes a number in base 62 with leading zeros.
func digits(n *big.Int, width int) string {
	s := n.Text(62)
	return strings.Repeat("0", width-len(s)) + s
}

// hashOf is what the database keeps of a secret that has enough bits of its
// own: whoever reads the database cannot use it.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
