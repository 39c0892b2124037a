package main

import "github.com/centrifugal/centrifuge"

// permission is who may do one thing in a channel.
type permission struct{ client, subscriber, anonymous bool }

func (p permission) allows(client *centrifuge.Client, channel string) bool {
	if client.UserID() == "" && !p.anonymous {
		return false
	}
	return p.client || (p.subscriber && client.IsSubscribed(channel)) || (client.UserID() == "" && p.anonymous)
}

func (o channelOptions) mayPublish(client *centrifuge.Client, channel string) bool {
	return permission{o.AllowPublishForClient, o.AllowPublishForSubscriber, o.AllowPublishForAnonymous}.allows(client, channel)
}

func (o channelOptions) mayReadHistory(client *centrifuge.Client, channel string) bool {
	return permission{o.AllowHistoryForClient, o.AllowHistoryForSubscriber, o.AllowHistoryForAnonymous}.allows(client, channel)
}

func (o channelOptions) maySeePresence(client *centrifuge.Client, channel string) bool {
	return permission{o.AllowPresenceForClient, o.AllowPresenceForSubscriber, o.AllowPresenceForAnonymous}.allows(client, channel)
}
