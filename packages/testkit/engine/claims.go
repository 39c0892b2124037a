package main

import (
	"encoding/json"
	"slices"

	"github.com/centrifugal/centrifuge"
)

type connectionClaims struct {
	registered
	Info     json.RawMessage         `json:"info"`
	B64Info  []byte                  `json:"b64info"`
	Channels []string                `json:"channels"`
	Subs     map[string]claimedTopic `json:"subs"`
	// Channel marks a token for something else.
	Channel string `json:"channel"`
}

// claimedTopic is what a connection token, or a call of the API, says of a channel that it subscribes a user to.
type claimedTopic struct {
	Info     json.RawMessage `json:"info"`
	B64Info  []byte          `json:"b64info"`
	Data     json.RawMessage `json:"data"`
	B64Data  []byte          `json:"b64data"`
	Override *override       `json:"override"`
}

type subscriptionClaims struct {
	registered
	Channel  string          `json:"channel"`
	Client   string          `json:"client"`
	Info     json.RawMessage `json:"info"`
	B64Info  []byte          `json:"b64info"`
	Data     json.RawMessage `json:"data"`
	B64Data  []byte          `json:"b64data"`
	Override *override       `json:"override"`
}

func readConnectionToken(token string, keys tokenConfig) (*connectionClaims, error) {
	claims := &connectionClaims{}
	if err := readToken(token, keys, claims, &claims.registered); err != nil {
		return nil, err
	}
	if claims.Channel != "" {
		return nil, errTokenInvalid
	}
	if !claims.isInTime() {
		return nil, errTokenExpired
	}
	return claims, nil
}

func readSubscriptionToken(token string, keys tokenConfig) (*subscriptionClaims, error) {
	claims := &subscriptionClaims{}
	if err := readToken(token, keys, claims, &claims.registered); err != nil {
		return nil, err
	}
	if !claims.isInTime() {
		return nil, errTokenExpired
	}
	if claims.Channel == "" {
		return nil, errTokenInvalid
	}
	return claims, nil
}

// topics are all channels the token names, with what it says of them; of two lists subs counts.
func (c *connectionClaims) topics() map[string]claimedTopic {
	if len(c.Subs) > 0 {
		return c.Subs
	}
	topics := make(map[string]claimedTopic, len(c.Channels))
	for _, name := range c.Channels {
		topics[name] = claimedTopic{}
	}
	return topics
}

// topicNames is topics as one comparable list.
func (c *connectionClaims) topicNames() []string {
	names := make([]string, 0)
	for name := range c.topics() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (t claimedTopic) subscription(options channelOptions) centrifuge.SubscribeOptions {
	subscription := options.with(t.Override).subscription()
	subscription.ChannelInfo = either(t.B64Info, t.Info)
	subscription.Data = either(t.B64Data, t.Data)
	return subscription
}

// either is the bytes where some were given, else the JSON.
func either(bytes []byte, text json.RawMessage) []byte {
	if len(bytes) > 0 {
		return bytes
	}
	return text
}
