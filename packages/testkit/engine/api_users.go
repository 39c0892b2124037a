package main

import (
	"encoding/json"

	"github.com/centrifugal/centrifuge"
)

// whose connections a method is about.
type whose struct {
	User    string `json:"user"`
	Client  string `json:"client"`
	Session string `json:"session"`
}

type subscribeParameters struct {
	whose
	claimedTopic
	Channel      string    `json:"channel"`
	ExpireAt     int64     `json:"expire_at"`
	RecoverSince *position `json:"recover_since"`
}

func (s *server) apiSubscribe(p *subscribeParameters) (any, error) {
	if p.Channel == "" {
		return nil, centrifuge.ErrorBadRequest
	}
	options, err := s.channels.known(p.Channel)
	if err != nil {
		return nil, err
	}
	wanted := p.claimedTopic.subscription(options)
	more := []centrifuge.SubscribeOption{
		centrifuge.WithExpireAt(p.ExpireAt),
		centrifuge.WithChannelInfo(wanted.ChannelInfo),
		centrifuge.WithSubscribeData(wanted.Data),
		centrifuge.WithSubscribeClient(p.Client),
		centrifuge.WithSubscribeSession(p.Session),
		centrifuge.WithEmitPresence(wanted.EmitPresence),
		centrifuge.WithEmitJoinLeave(wanted.EmitJoinLeave),
		centrifuge.WithPushJoinLeave(wanted.PushJoinLeave),
		centrifuge.WithRecovery(wanted.EnableRecovery),
		centrifuge.WithPositioning(wanted.EnablePositioning),
		centrifuge.WithSubscribeHistoryMetaTTL(wanted.HistoryMetaTTL),
	}
	if p.RecoverSince != nil {
		more = append(more, centrifuge.WithRecoverSince(p.RecoverSince.stream()))
	}
	return empty{}, s.node.Subscribe(p.User, p.Channel, more...)
}

type unsubscribeParameters struct {
	whose
	Channel string `json:"channel"`
}

func (s *server) apiUnsubscribe(p *unsubscribeParameters) (any, error) {
	if _, err := s.channels.known(p.Channel); err != nil {
		return nil, err
	}
	return empty{}, s.node.Unsubscribe(p.User, p.Channel,
		centrifuge.WithUnsubscribeClient(p.Client), centrifuge.WithUnsubscribeSession(p.Session))
}

type disconnectParameters struct {
	whose
	Whitelist  []string               `json:"whitelist"`
	Disconnect *centrifuge.Disconnect `json:"disconnect"`
}

func (s *server) apiDisconnect(p *disconnectParameters) (any, error) {
	wanted := centrifuge.DisconnectForceNoReconnect
	if p.Disconnect != nil {
		wanted = *p.Disconnect
	}
	return empty{}, s.node.Disconnect(p.User,
		centrifuge.WithCustomDisconnect(wanted), centrifuge.WithDisconnectClientWhitelist(p.Whitelist),
		centrifuge.WithDisconnectClient(p.Client), centrifuge.WithDisconnectSession(p.Session))
}

type refreshParameters struct {
	whose
	Expired  bool            `json:"expired"`
	ExpireAt int64           `json:"expire_at"`
	Info     json.RawMessage `json:"info"`
}

func (s *server) apiRefresh(p *refreshParameters) (any, error) {
	return empty{}, s.node.Refresh(p.User,
		centrifuge.WithRefreshExpired(p.Expired), centrifuge.WithRefreshExpireAt(p.ExpireAt),
		centrifuge.WithRefreshInfo(p.Info),
		centrifuge.WithRefreshClient(p.Client), centrifuge.WithRefreshSession(p.Session))
}

func (p *position) stream() *centrifuge.StreamPosition {
	return &centrifuge.StreamPosition{Offset: p.Offset, Epoch: p.Epoch}
}
