package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/centrifugal/centrifuge"
)

// method answers one API request; an error that is none of the library's is told as 100.
type method func(body []byte) (any, error)

var errUndecodable = errors.New("the body is no JSON of this method")

// api is POST /api/{method}, for whoever has the key.
func (s *server) api() http.Handler {
	methods := map[string]method{
		"publish":        takes(s.apiPublish),
		"broadcast":      takes(s.apiBroadcast),
		"subscribe":      takes(s.apiSubscribe),
		"unsubscribe":    takes(s.apiUnsubscribe),
		"disconnect":     takes(s.apiDisconnect),
		"refresh":        takes(s.apiRefresh),
		"presence":       takes(s.apiPresence),
		"presence_stats": takes(s.apiPresenceStats),
		"history":        takes(s.apiHistory),
		"history_remove": takes(s.apiHistoryRemove),
		"channels":       takes(s.apiChannels),
		"info":           takes(s.apiInfo),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, isKnown := methods[r.PathValue("method")]
		switch {
		case !isKnown:
			w.WriteHeader(http.StatusNotFound)
		case r.Method != http.MethodPost:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case !s.hasKey(r):
			w.WriteHeader(http.StatusUnauthorized)
		default:
			s.reply(w, r, answer)
		}
	})
}

func (s *server) hasKey(r *http.Request) bool {
	key := s.config.HTTPAPI.Key
	bearer := strings.Fields(r.Header.Get("Authorization"))
	inHeader := len(bearer) == 2 && strings.EqualFold(bearer[0], "apikey") && bearer[1] == key
	return key != "" && (r.Header.Get("X-API-Key") == key || inHeader || r.URL.Query().Get("api_key") == key)
}

func (s *server) reply(w http.ResponseWriter, r *http.Request, answer method) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result, err := answer(text)
	if errors.Is(err, errUndecodable) {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	told := envelope(result, err)
	w.Header().Set("Content-Type", "application/json")
	if told.Error != nil && s.tellsByStatus(r) {
		w.WriteHeader(told.Error.status())
		_ = json.NewEncoder(w).Encode(told.Error)
		return
	}
	_ = json.NewEncoder(w).Encode(told)
}

// tellsByStatus says whether an error is the HTTP status of its reply, and not a part of it.
func (s *server) tellsByStatus(r *http.Request) bool {
	return s.config.HTTPAPI.ErrorMode == "transport" || r.Header.Get("X-Centrifugo-Error-Mode") == "transport"
}

// outcome is what stands in a reply: a result or an error.
type outcome struct {
	Result any       `json:"result,omitempty"`
	Error  *apiError `json:"error,omitempty"`
}

type apiError struct {
	Code    uint32 `json:"code"`
	Message string `json:"message"`
}

func (e *apiError) status() int {
	switch e.Code {
	case centrifuge.ErrorUnknownChannel.Code, centrifuge.ErrorMethodNotFound.Code:
		return http.StatusNotFound
	case centrifuge.ErrorBadRequest.Code, centrifuge.ErrorNotAvailable.Code:
		return http.StatusBadRequest
	case centrifuge.ErrorUnrecoverablePosition.Code:
		return http.StatusRequestedRangeNotSatisfiable
	default:
		return http.StatusInternalServerError
	}
}

func envelope(result any, err error) outcome {
	if err == nil {
		return outcome{Result: result}
	}
	told := centrifuge.ErrorInternal
	errors.As(err, &told)
	return outcome{Error: &apiError{told.Code, told.Message}}
}

// takes reads a method's parameters from the body. Nothing at all counts as none.
func takes[Parameters any](answer func(*Parameters) (any, error)) method {
	return func(body []byte) (any, error) {
		parameters := new(Parameters)
		if len(body) > 0 && json.Unmarshal(body, parameters) != nil {
			return nil, errUndecodable
		}
		return answer(parameters)
	}
}

// empty is the result of a method that has nothing to tell.
type empty struct{}
