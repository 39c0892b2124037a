package main

import "github.com/centrifugal/centrifuge"

// connected says what a connection's commands do. Each is answered at once, in the order they came.
func (s *server) connected(client *centrifuge.Client) {
	client.OnRefresh(func(event centrifuge.RefreshEvent, done centrifuge.RefreshCallback) {
		done(s.refresh(client, event))
	})
	client.OnSubscribe(func(event centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
		done(s.subscribe(client, event))
	})
	client.OnSubRefresh(func(event centrifuge.SubRefreshEvent, done centrifuge.SubRefreshCallback) {
		done(s.refreshSubscription(client, event))
	})
	client.OnPublish(func(event centrifuge.PublishEvent, done centrifuge.PublishCallback) {
		done(s.clientPublishes(client, event))
	})
	client.OnHistory(func(event centrifuge.HistoryEvent, done centrifuge.HistoryCallback) {
		done(centrifuge.HistoryReply{}, s.mayReadHistory(client, event.Channel))
	})
	client.OnPresence(func(event centrifuge.PresenceEvent, done centrifuge.PresenceCallback) {
		done(centrifuge.PresenceReply{}, s.maySeePresence(client, event.Channel))
	})
	client.OnPresenceStats(func(event centrifuge.PresenceStatsEvent, done centrifuge.PresenceStatsCallback) {
		done(centrifuge.PresenceStatsReply{}, s.maySeePresence(client, event.Channel))
	})
}

func (s *server) clientPublishes(client *centrifuge.Client, event centrifuge.PublishEvent) (centrifuge.PublishReply, error) {
	options, err := s.channels.forClient(event.Channel)
	if err != nil {
		return centrifuge.PublishReply{}, err
	}
	if !options.mayPublish(client, event.Channel) {
		return centrifuge.PublishReply{}, centrifuge.ErrorPermissionDenied
	}
	published, err := s.node.Publish(event.Channel, event.Data,
		centrifuge.WithClientInfo(event.ClientInfo), options.history(false))
	return centrifuge.PublishReply{Result: &published}, err
}

func (s *server) mayReadHistory(client *centrifuge.Client, channel string) error {
	options, err := s.channels.forClient(channel)
	switch {
	case err != nil:
		return err
	case !options.hasHistory():
		return centrifuge.ErrorNotAvailable
	case !options.mayReadHistory(client.UserID(), client.IsSubscribed(channel)):
		return centrifuge.ErrorPermissionDenied
	}
	return nil
}

func (s *server) maySeePresence(client *centrifuge.Client, channel string) error {
	options, err := s.channels.forClient(channel)
	switch {
	case err != nil:
		return err
	case !options.Presence:
		return centrifuge.ErrorNotAvailable
	case !options.maySeePresence(client.UserID(), client.IsSubscribed(channel)):
		return centrifuge.ErrorPermissionDenied
	}
	return nil
}

// history keeps a publication as the channel's options say, unless it is to be skipped.
func (o channelOptions) history(skipped bool) centrifuge.PublishOption {
	if skipped || !o.hasHistory() {
		return centrifuge.WithHistory(0, 0)
	}
	return centrifuge.WithHistory(o.HistorySize, o.HistoryTTL.Duration, o.HistoryMetaTTL.Duration)
}
