package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// Request is one GraphQL request.
type Request struct {
	Query         string         `json:"query,omitempty"`
	OperationName string         `json:"operationName,omitempty"` // which of the document's operations; "" for its only one
	Variables     map[string]any `json:"variables,omitempty"`
	Extensions    map[string]any `json:"extensions,omitempty"`
}

// Response is one GraphQL response.
type Response struct {
	Data       json.RawMessage // nil where there is none, null where the server says so
	Errors     []Error
	Extensions map[string]json.RawMessage
	Status     int // of HTTP
	Header     http.Header
}

// Err returns the errors of the response, nil when there are none.
func (r *Response) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return &Errors{Status: r.Status, List: r.Errors}
}

// Do runs a query or a mutation. The data is read into out, unless that is nil,
// even where it fails with [*Errors]: GraphQL may answer in part.
func (c *Client) Do(ctx context.Context, query string, variables map[string]any, out any) error {
	r, err := c.Execute(ctx, Request{Query: query, Variables: variables})
	if err != nil {
		return err
	}
	if out != nil && r.Data != nil {
		if err := json.Unmarshal(r.Data, out); err != nil {
			return errors.Join(r.Err(), fmt.Errorf("client: the data does not fit: %w", err))
		}
	}
	return r.Err()
}

// Execute runs a query or a mutation and returns the response as it is. GraphQL
// errors are not an error of Execute: see [Response.Err].
func (c *Client) Execute(ctx context.Context, request Request) (*Response, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	answer, err := c.Raw(ctx, http.MethodPost, "/graphql", http.Header{
		"Content-Type": {"application/json"},
		"Accept":       {"application/graphql-response+json, application/json;q=0.9"},
	}, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return readResponse(answer)
}

func readResponse(answer *http.Response) (*Response, error) {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if kind != "application/graphql-response+json" && kind != "application/json" {
		return nil, statusError(answer)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("client: the answer broke off: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("client: the answer is larger than %d bytes", maxAnswer)
	}
	var result executionResult
	if err := json.Unmarshal(body, &result); err != nil || result.Data == nil && len(result.Errors) == 0 {
		answer.Body = io.NopCloser(bytes.NewReader(body))
		return nil, statusError(answer)
	}
	return &Response{
		Data: result.Data, Errors: result.Errors, Extensions: result.Extensions,
		Status: answer.StatusCode, Header: answer.Header,
	}, nil
}

// executionResult is a response as GraphQL defines it, on every transport.
type executionResult struct {
	Data       json.RawMessage            `json:"data"`
	Errors     []Error                    `json:"errors"`
	Extensions map[string]json.RawMessage `json:"extensions"`
}
