package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/text/unicode/norm"

	"partnerhub/internal/errs"
	"partnerhub/internal/form"
)

// Bounds of a password.
const (
	MinPassword = 10   // characters
	MaxPassword = 1000 // bytes: hashing costs the server time
)

// Refusals of a password.
var (
	// ErrPasswordShort answers a new password of fewer than [MinPassword]
	// characters.
	ErrPasswordShort = errs.New(errs.Invalid, "errorPasswordShort").With("min", MinPassword)
	// ErrPasswordLong answers a password of more than [MaxPassword] bytes.
	ErrPasswordLong = errs.New(errs.Invalid, "errorPasswordLong")
	// ErrPasswordEasy answers a new password that is among the first that
	// anybody would try.
	ErrPasswordEasy = errs.New(errs.Invalid, "errorPasswordEasy")
	// ErrBusy answers when so many passwords wait to be hashed that another
	// would wait too long.
	ErrBusy = errs.New(errs.TooManyAttempts, "errorBusy")
)

// Cost of a hash: argon2id with 19 MiB and two passes on one core.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	saltBytes  = 16
	hashBytes  = 32
)

// hashing lets as many hashes be made at once as there are cores: more would
// only slow each other down, and take memory that nobody counted on.
var hashing = semaphore.NewWeighted(cores)

var (
	cores      = int64(runtime.GOMAXPROCS(0))
	maxWaiting = 100 * cores // for a core: a few seconds' work
	waiting    atomic.Int64
	makeHash   = argon2.IDKey // counted in tests
)

// newPassword checks a password that is to be set.
func newPassword(list *errs.List, password string, path ...string) string {
	password = enteredPassword(list, password, path...)
	if password != "" && utf8.RuneCountInString(password) < MinPassword {
		list.Add(ErrPasswordShort.On(path...))
		return ""
	}
	return password
}

// enteredPassword checks a password that is to be compared. It returns the one
// form in which keyboards and systems that write letters differently agree.
func enteredPassword(list *errs.List, password string, path ...string) string {
	switch {
	case password == "":
		list.Add(form.ErrRequired.On(path...))
	case len(password) > MaxPassword:
		list.Add(ErrPasswordLong.On(path...))
	case !utf8.ValidString(password):
		list.Add(form.ErrInvalid.On(path...))
	default:
		return norm.NFKC.String(password)
	}
	return ""
}

// hashPassword returns what is kept of a password: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
// It waits for a free core, until ctx ends, and fails with [ErrBusy] where too
// many wait.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: it would end the program
	key, err := derive(ctx, password, salt, hashMemory, hashPasses, hashLanes, hashBytes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// isPassword reports whether kept is the hash of the password. It waits for a
// free core, until ctx ends, and fails with [ErrBusy] where too many wait.
func isPassword(ctx context.Context, password, kept string) (bool, error) {
	var version, passes uint32
	var memory uint32
	var lanes uint8
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) == 0 {
		return false, errHash
	}
	made, err := derive(ctx, password, salt, memory, passes, lanes, uint32(len(key)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(made, key) == 1, nil
}

var errHash = errors.New("identity: a password hash of unknown form in the database")

func derive(ctx context.Context, password string, salt []byte, memory, passes uint32, lanes uint8, size uint32) ([]byte, error) {
	if waiting.Add(1) > maxWaiting {
		waiting.Add(-1)
		return nil, ErrBusy
	}
	err := hashing.Acquire(ctx, 1)
	waiting.Add(-1)
	if err != nil {
		return nil, fmt.Errorf("identity: no core was free in time: %w", err)
	}
	defer hashing.Release(1)
	defer collect(int64(memory) << 10)
	return makeHash([]byte(password), salt, passes, memory, lanes, size), nil
}

// nobodysHash costs as much to compare with as anybody's: signing in as nobody
// takes the same time. No password has it.
var nobodysHash = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
	strings.Repeat("A", base64.RawStdEncoding.EncodedLen(saltBytes)), strings.Repeat("A", base64.RawStdEncoding.EncodedLen(hashBytes)))
