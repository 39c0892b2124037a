package main

import "github.com/centrifugal/centrifuge"

// permission is who may do one thing in a channel.
type permission struct{ client, subscriber, anonymous bool }

// allows says whether the user may; nobody without a name may where anonymous users are not let in besides.
func (p permission) allows(user string, isSubscribed bool) bool {
	return (p.client || p.subscriber && isSubscribed) && (user != "" || p.anonymous)
}

func (o channelOptions) mayPublish(client *centrifuge.Client, channel string) bool {
	return permission{o.AllowPublishForClient, o.AllowPublishForSubscriber, o.AllowPublishForAnonymous}.allows(client.UserID(), client.IsSubscribed(channel))
}

func (o channelOptions) mayReadHistory(user string, isSubscribed bool) bool {
	return permission{o.AllowHistoryForClient, o.AllowHistoryForSubscriber, o.AllowHistoryForAnonymous}.allows(user, isSubscribed)
}

func (o channelOptions) maySeePresence(user string, isSubscribed bool) bool {
	return permission{o.AllowPresenceForClient, o.AllowPresenceForSubscriber, o.AllowPresenceForAnonymous}.allows(user, isSubscribed)
}
