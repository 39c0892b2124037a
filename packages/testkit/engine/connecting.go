package main

import (
	"context"
	"errors"
	"slices"

	"github.com/centrifugal/centrifuge"
)

// topicsKey is where a connection keeps the channels that its token named.
const topicsKey = "topics"

// connecting judges who comes in, and what the connection is subscribed to at once.
func (s *server) connecting(_ context.Context, event centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	reply := centrifuge.ConnectReply{ClientSideRefresh: true}
	claims, err := s.whoConnects(event.Token)
	if err != nil {
		return reply, err
	}
	reply.Credentials = &centrifuge.Credentials{
		UserID:   claims.Subject,
		ExpireAt: claims.endsAt(),
		Info:     either(claims.B64Info, claims.Info),
	}
	reply.Storage = map[string]any{topicsKey: claims.topicNames()}
	reply.Subscriptions, err = s.subscriptionsAtConnect(claims, event.Channels)
	return reply, err
}

func (s *server) whoConnects(token string) (*connectionClaims, error) {
	rules := s.config.Client
	if token == "" {
		if rules.AllowAnonymousConnectWithoutToken {
			return &connectionClaims{}, nil
		}
		return nil, centrifuge.DisconnectBadRequest
	}
	claims, err := readConnectionToken(token, rules.Token)
	switch {
	case errors.Is(err, errTokenExpired):
		return nil, centrifuge.ErrorTokenExpired
	case err != nil:
		return nil, centrifuge.DisconnectInvalidToken
	case claims.Subject == "" && rules.DisallowAnonymousConnectionTokens:
		return nil, centrifuge.DisconnectPermissionDenied
	}
	return claims, nil
}

func (s *server) subscriptionsAtConnect(claims *connectionClaims, asked []string) (map[string]centrifuge.SubscribeOptions, error) {
	subscriptions := map[string]centrifuge.SubscribeOptions{}
	for name, topic := range claims.topics() {
		options, err := s.channels.known(name)
		if err != nil {
			return nil, err
		}
		subscriptions[name] = topic.subscription(options)
	}
	for _, name := range asked {
		options, err := s.channels.forClient(name)
		if err != nil {
			return nil, centrifuge.DisconnectBadRequest
		}
		if _, isClaimed := subscriptions[name]; !isClaimed && maySubscribe(options, name, claims.Subject) {
			subscriptions[name] = options.subscription()
		}
	}
	return subscriptions, nil
}

// refresh takes a new connection token.
func (s *server) refresh(client *centrifuge.Client, event centrifuge.RefreshEvent) (centrifuge.RefreshReply, error) {
	claims, err := readConnectionToken(event.Token, s.config.Client.Token)
	switch {
	case errors.Is(err, errTokenExpired):
		return centrifuge.RefreshReply{Expired: true}, nil
	case err != nil || claims.Subject != client.UserID():
		return centrifuge.RefreshReply{}, centrifuge.DisconnectInvalidToken
	case !slices.Equal(claims.topicNames(), topicsOf(client)):
		return centrifuge.RefreshReply{}, centrifuge.DisconnectInsufficientState
	}
	return centrifuge.RefreshReply{ExpireAt: claims.endsAt(), Info: either(claims.B64Info, claims.Info)}, nil
}

func topicsOf(client *centrifuge.Client) []string {
	storage, release := client.AcquireStorage()
	defer release(storage)
	names, _ := storage[topicsKey].([]string)
	return names
}
