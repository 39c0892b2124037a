package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"strings"
	"time"
)

var (
	errTokenInvalid = errors.New("token is no good")
	errTokenExpired = errors.New("token has expired")
)

var hashes = map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}

// registered are the claims that every token is judged by.
type registered struct {
	Subject   string    `json:"sub"`
	ExpiresAt unixTime  `json:"exp"`
	NotBefore unixTime  `json:"nbf"`
	ExpireAt  *unixTime `json:"expire_at"`
	Audience  oneOrMore `json:"aud"`
	Issuer    string    `json:"iss"`
}

// unixTime is in seconds, which may have fractions.
type unixTime float64

// readToken fills claims from a JWT that its key has signed and that is meant for us; r must be a part of claims. Its
// time is judged after that.
func readToken(token string, keys tokenConfig, claims any, r *registered) error {
	if err := readSigned(token, keys.HMACSecretKey, claims); err != nil {
		return err
	}
	if keys.Audience != "" && !contains(r.Audience, keys.Audience) {
		return errTokenInvalid
	}
	if keys.Issuer != "" && r.Issuer != keys.Issuer {
		return errTokenInvalid
	}
	return nil
}

func (r *registered) isInTime() bool {
	now := unixTime(float64(time.Now().UnixMilli()) / 1000)
	return (r.ExpiresAt == 0 || r.ExpiresAt > now) && r.NotBefore <= now
}

func readSigned(token, key string, claims any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || key == "" {
		return errTokenInvalid
	}
	var head struct {
		Algorithm string `json:"alg"`
	}
	if decode(parts[0], &head) != nil {
		return errTokenInvalid
	}
	algorithm, isKnown := hashes[head.Algorithm]
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !isKnown {
		return errTokenInvalid
	}
	mac := hmac.New(algorithm, []byte(key))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if !hmac.Equal(signature, mac.Sum(nil)) || decode(parts[1], claims) != nil {
		return errTokenInvalid
	}
	return nil
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func contains(texts []string, wanted string) bool {
	for _, text := range texts {
		if text == wanted {
			return true
		}
	}
	return false
}

// endsAt is when what the token allows ends, 0 for never: expire_at where it is there, else exp.
func (r *registered) endsAt() int64 {
	if r.ExpireAt != nil {
		return int64(*r.ExpireAt)
	}
	return int64(r.ExpiresAt)
}
