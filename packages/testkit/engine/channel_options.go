package main

import (
	"strings"

	"github.com/centrifugal/centrifuge"
)

// channelOptions are those of one namespace, or of the channels without one.
type channelOptions struct {
	HistorySize                int      `json:"history_size"`
	HistoryTTL                 duration `json:"history_ttl"`
	HistoryMetaTTL             duration `json:"history_meta_ttl"`
	ForceRecovery              bool     `json:"force_recovery"`
	AllowRecovery              bool     `json:"allow_recovery"`
	ForcePositioning           bool     `json:"force_positioning"`
	AllowPositioning           bool     `json:"allow_positioning"`
	Presence                   bool     `json:"presence"`
	JoinLeave                  bool     `json:"join_leave"`
	ForcePushJoinLeave         bool     `json:"force_push_join_leave"`
	AllowSubscribeForClient    bool     `json:"allow_subscribe_for_client"`
	AllowSubscribeForAnonymous bool     `json:"allow_subscribe_for_anonymous"`
	AllowPublishForClient      bool     `json:"allow_publish_for_client"`
	AllowPublishForSubscriber  bool     `json:"allow_publish_for_subscriber"`
	AllowPublishForAnonymous   bool     `json:"allow_publish_for_anonymous"`
	AllowHistoryForClient      bool     `json:"allow_history_for_client"`
	AllowHistoryForSubscriber  bool     `json:"allow_history_for_subscriber"`
	AllowHistoryForAnonymous   bool     `json:"allow_history_for_anonymous"`
	AllowPresenceForClient     bool     `json:"allow_presence_for_client"`
	AllowPresenceForSubscriber bool     `json:"allow_presence_for_subscriber"`
	AllowPresenceForAnonymous  bool     `json:"allow_presence_for_anonymous"`
}

type namespace struct {
	Name string `json:"name"`
	channelOptions
}

// override is what a token or an API call wants otherwise for one subscription.
type override struct {
	Presence           *choice `json:"presence"`
	JoinLeave          *choice `json:"join_leave"`
	ForcePushJoinLeave *choice `json:"force_push_join_leave"`
	ForceRecovery      *choice `json:"force_recovery"`
	ForcePositioning   *choice `json:"force_positioning"`
}

type choice struct {
	Value bool `json:"value"`
}

func (o channelOptions) with(other *override) channelOptions {
	if other == nil {
		return o
	}
	set := func(option *bool, value *choice) {
		if value != nil {
			*option = value.Value
		}
	}
	set(&o.Presence, other.Presence)
	set(&o.JoinLeave, other.JoinLeave)
	set(&o.ForcePushJoinLeave, other.ForcePushJoinLeave)
	set(&o.ForceRecovery, other.ForceRecovery)
	set(&o.ForcePositioning, other.ForcePositioning)
	return o
}

func (o channelOptions) hasHistory() bool {
	return o.HistorySize > 0 && o.HistoryTTL.Duration > 0
}

// subscription says what the library is to do for a subscriber that asked for nothing.
func (o channelOptions) subscription() centrifuge.SubscribeOptions {
	return centrifuge.SubscribeOptions{
		EmitPresence:      o.Presence,
		EmitJoinLeave:     o.JoinLeave,
		PushJoinLeave:     o.ForcePushJoinLeave,
		EnableRecovery:    o.ForceRecovery,
		EnablePositioning: o.ForcePositioning,
		HistoryMetaTTL:    o.HistoryMetaTTL.Duration,
	}
}

// channels finds the options of a channel by its name.
type channels struct {
	without    channelOptions
	namespaces map[string]channelOptions
}

func newChannels(c *config) channels {
	found := channels{c.Channel.WithoutNamespace, map[string]channelOptions{}}
	for _, one := range c.Channel.Namespaces {
		found.namespaces[one.Name] = one.channelOptions
	}
	return found
}

// options answers false when the name belongs to no known namespace. A leading $ marks a private channel and is no
// part of the namespace.
func (c channels) options(name string) (channelOptions, bool) {
	prefix, _, isNamed := strings.Cut(strings.TrimPrefix(name, "$"), ":")
	if !isNamed {
		return c.without, true
	}
	found, isKnown := c.namespaces[prefix]
	return found, isKnown
}

// forClient is options for a name that comes from a client, which may hold ASCII alone.
func (c channels) forClient(name string) (channelOptions, error) {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return channelOptions{}, centrifuge.ErrorBadRequest
		}
	}
	return c.known(name)
}

func (c channels) known(name string) (channelOptions, error) {
	found, isKnown := c.options(name)
	if !isKnown {
		return found, centrifuge.ErrorUnknownChannel
	}
	return found, nil
}
