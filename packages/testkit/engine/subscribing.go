package main

import (
	"errors"
	"strings"

	"github.com/centrifugal/centrifuge"
)

func (s *server) subscribe(client *centrifuge.Client, event centrifuge.SubscribeEvent) (centrifuge.SubscribeReply, error) {
	none := centrifuge.SubscribeReply{}
	options, err := s.channels.forClient(event.Channel)
	if err != nil {
		return none, err
	}
	if event.Token == "" {
		if !maySubscribe(options, event.Channel, client.UserID()) {
			return none, centrifuge.ErrorPermissionDenied
		}
		return centrifuge.SubscribeReply{Options: asked(options, nil, client, event)}, nil
	}
	claims, err := readSubscriptionToken(event.Token, s.config.Client.SubscriptionToken)
	switch {
	case errors.Is(err, errTokenExpired):
		return none, centrifuge.ErrorTokenExpired
	case err != nil:
		return none, centrifuge.ErrorPermissionDenied
	case claims.Subject != client.UserID() || claims.Channel != event.Channel || claims.isForAnother(client):
		return none, centrifuge.DisconnectInvalidToken
	}
	subscription := asked(options, claims.Override, client, event)
	subscription.ExpireAt = claims.endsAt()
	subscription.ChannelInfo = either(claims.B64Info, claims.Info)
	subscription.Data = either(claims.B64Data, claims.Data)
	return centrifuge.SubscribeReply{Options: subscription, ClientSideRefresh: true}, nil
}

// maySubscribe is for subscriptions without a token; a name that starts with $ always wants one.
func maySubscribe(options channelOptions, channel, user string) bool {
	return !strings.HasPrefix(channel, "$") && options.AllowSubscribeForClient && (user != "" || options.AllowSubscribeForAnonymous)
}

// asked adds what the client may ask for to what the channel does anyway. A token's override counts for the latter alone.
func asked(options channelOptions, other *override, client *centrifuge.Client, event centrifuge.SubscribeEvent) centrifuge.SubscribeOptions {
	subscription := options.with(other).subscription()
	// Who may subscribe counts as subscribed here, as in Centrifugo.
	mayReadHistory := options.mayReadHistory(client.UserID(), true)
	if event.Recoverable && (options.AllowRecovery || mayReadHistory) {
		subscription.EnableRecovery = true
	}
	if event.Positioned && (options.AllowPositioning || mayReadHistory) {
		subscription.EnablePositioning = true
	}
	if event.JoinLeave && options.JoinLeave && options.maySeePresence(client.UserID(), true) {
		subscription.PushJoinLeave = true
	}
	return subscription
}

// refreshSubscription takes a new subscription token. One that has expired is answered with success, which is what
// Centrifugo does.
func (s *server) refreshSubscription(client *centrifuge.Client, event centrifuge.SubRefreshEvent) (centrifuge.SubRefreshReply, error) {
	claims, err := readSubscriptionToken(event.Token, s.config.Client.SubscriptionToken)
	switch {
	case errors.Is(err, errTokenExpired):
		return centrifuge.SubRefreshReply{Expired: true}, nil
	case err != nil || claims.Channel != event.Channel || claims.Subject != client.UserID() || claims.isForAnother(client):
		return centrifuge.SubRefreshReply{}, centrifuge.DisconnectInvalidToken
	}
	return centrifuge.SubRefreshReply{ExpireAt: claims.endsAt(), Info: either(claims.B64Info, claims.Info)}, nil
}

func (c *subscriptionClaims) isForAnother(client *centrifuge.Client) bool {
	return c.Client != "" && c.Client != client.ID()
}
