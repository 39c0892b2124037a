package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/centrifugal/centrifuge"
)

type channelParameters struct {
	Channel string `json:"channel"`
}

type member struct {
	User     string          `json:"user"`
	Client   string          `json:"client"`
	ConnInfo json.RawMessage `json:"conn_info,omitempty"`
	ChanInfo json.RawMessage `json:"chan_info,omitempty"`
}

func newMember(info *centrifuge.ClientInfo) *member {
	if info == nil {
		return nil
	}
	return &member{info.UserID, info.ClientID, info.ConnInfo, info.ChanInfo}
}

// channel finds the options of a channel that must have something switched on.
func (s *server) channel(name string, has func(channelOptions) bool) (channelOptions, error) {
	if name == "" {
		return channelOptions{}, centrifuge.ErrorBadRequest
	}
	options, err := s.channels.known(name)
	if err == nil && !has(options) {
		err = centrifuge.ErrorNotAvailable
	}
	return options, err
}

func hasPresence(o channelOptions) bool { return o.Presence }

func (s *server) apiPresence(p *channelParameters) (any, error) {
	if _, err := s.channel(p.Channel, hasPresence); err != nil {
		return nil, err
	}
	found, err := s.node.Presence(p.Channel)
	members := make(map[string]*member, len(found.Presence))
	for id, info := range found.Presence {
		members[id] = newMember(info)
	}
	return map[string]any{"presence": members}, err
}

func (s *server) apiPresenceStats(p *channelParameters) (any, error) {
	if _, err := s.channel(p.Channel, hasPresence); err != nil {
		return nil, err
	}
	found, err := s.node.PresenceStats(p.Channel)
	return map[string]int{"num_clients": found.NumClients, "num_users": found.NumUsers}, err
}

type historyParameters struct {
	Channel string    `json:"channel"`
	Limit   int       `json:"limit"`
	Since   *position `json:"since"`
	Reverse bool      `json:"reverse"`
}

type kept struct {
	Data   json.RawMessage   `json:"data"`
	Info   *member           `json:"info,omitempty"`
	Offset uint64            `json:"offset,omitempty"`
	Tags   map[string]string `json:"tags,omitempty"`
}

func (s *server) apiHistory(p *historyParameters) (any, error) {
	options, err := s.channel(p.Channel, channelOptions.hasHistory)
	if err != nil {
		return nil, err
	}
	filter := centrifuge.HistoryFilter{Limit: p.Limit, Reverse: p.Reverse}
	if p.Since != nil {
		filter.Since = p.Since.stream()
	}
	found, err := s.node.History(p.Channel, centrifuge.WithHistoryFilter(filter),
		centrifuge.WithHistoryMetaTTL(options.HistoryMetaTTL.Duration))
	if err != nil {
		return nil, err
	}
	publications := make([]kept, len(found.Publications))
	for i, one := range found.Publications {
		publications[i] = kept{one.Data, newMember(one.Info), one.Offset, one.Tags}
	}
	return map[string]any{"publications": publications, "epoch": found.Epoch, "offset": found.Offset}, nil
}

func (s *server) apiHistoryRemove(p *channelParameters) (any, error) {
	if _, err := s.channel(p.Channel, channelOptions.hasHistory); err != nil {
		return nil, err
	}
	return empty{}, s.node.RemoveHistory(p.Channel)
}

type channelsParameters struct {
	Pattern string `json:"pattern"`
}

// apiChannels knows the channels of this node alone.
func (s *server) apiChannels(p *channelsParameters) (any, error) {
	isWanted, err := globOf(p.Pattern)
	if err != nil {
		return nil, centrifuge.ErrorBadRequest
	}
	found := map[string]map[string]int{}
	for _, name := range s.node.Hub().Channels() {
		if p.Pattern == "" || isWanted.MatchString(name) {
			found[name] = map[string]int{"num_clients": s.node.Hub().NumSubscribers(name)}
		}
	}
	return map[string]any{"channels": found}, nil
}

// globOf reads a pattern in which * is any text and ? any character.
func globOf(pattern string) (*regexp.Regexp, error) {
	quoted := regexp.QuoteMeta(pattern)
	return regexp.Compile("^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(quoted) + "$")
}

type nodeInfo struct {
	UID         string `json:"uid"`
	Name        string `json:"name"`
	Version     string `json:"version"`
	NumClients  uint32 `json:"num_clients"`
	NumUsers    uint32 `json:"num_users"`
	NumSubs     uint32 `json:"num_subs"`
	NumChannels uint32 `json:"num_channels"`
	Uptime      uint32 `json:"uptime"`
}

func (s *server) apiInfo(*empty) (any, error) {
	found, err := s.node.Info()
	nodes := make([]nodeInfo, len(found.Nodes))
	for i, n := range found.Nodes {
		nodes[i] = nodeInfo{n.UID, n.Name, n.Version, n.NumClients, n.NumUsers, n.NumSubs, n.NumChannels, n.Uptime}
	}
	return map[string]any{"nodes": nodes}, err
}
