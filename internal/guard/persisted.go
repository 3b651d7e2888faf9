package guard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const persistedNotFound errs.Code = "PERSISTED_QUERY_NOT_FOUND"

// persisted looks at the extension persistedQuery, by which clients send the
// hash of a text instead of the text, and the text as well when it is asked
// for. It returns the hash under which the text is to be kept once it is known
// to be a good document, or "".
func (g *Gate) persisted(p *graphql.RawParams) (keep string, refused *gqlerror.Error) {
	extension, given := p.Extensions["persistedQuery"]
	if !given || extension == nil {
		return "", nil
	}
	members, _ := extension.(map[string]any)
	hash, _ := members["sha256Hash"].(string)
	if !isOne(members["version"]) || len(hash) != 2*sha256.Size {
		return "", told(errs.BadUserInput, "The extension persistedQuery has to have version 1, and sha256Hash in hexadecimal digits.")
	}
	if p.Query == "" {
		text, known := g.texts.get(hash)
		if !known {
			// Some clients look for this word, others for the code.
			return "", told(persistedNotFound, "PersistedQueryNotFound")
		}
		p.Query = text
		return "", nil
	}
	if sum := sha256.Sum256([]byte(p.Query)); hex.EncodeToString(sum[:]) != hash {
		return "", told(errs.BadUserInput, "The sha256Hash is not the SHA-256 of the query, in lower case.")
	}
	return hash, nil
}

func isOne(version any) bool {
	switch v := version.(type) {
	case json.Number:
		return v == "1"
	case float64:
		return v == 1
	}
	return false
}

func told(code errs.Code, message string) *gqlerror.Error {
	return (&Refusal{Code: code, Message: message}).GraphQL()
}
