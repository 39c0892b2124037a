package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/centrifugal/centrifuge"
)

// server is the library's node with our rules around it.
type server struct {
	node     *centrifuge.Node
	config   *config
	channels channels
}

func openServer(c *config) (*server, error) {
	limits := c.Client
	node, err := centrifuge.New(centrifuge.Config{
		Name:                            c.Node.Name,
		LogLevel:                        logLevel(c.Log.Level),
		LogHandler:                      newLogHandler(),
		HistoryMetaTTL:                  c.Channel.HistoryMetaTTL.Duration,
		ChannelMaxLength:                c.Channel.MaxLength,
		ClientStaleCloseDelay:           limits.StaleCloseDelay.Duration,
		ClientExpiredCloseDelay:         limits.ExpiredCloseDelay.Duration,
		ClientExpiredSubCloseDelay:      limits.ExpiredSubCloseDelay.Duration,
		ClientPresenceUpdateInterval:    limits.PresenceUpdateInterval.Duration,
		ClientChannelPositionCheckDelay: limits.ChannelPositionCheckDelay.Duration,
		ClientChannelLimit:              limits.ChannelLimit,
		ClientQueueMaxSize:              limits.QueueMaxSize,
		UserConnectionLimit:             limits.UserConnectionLimit,
		HistoryMaxPublicationLimit:      limits.HistoryMaxPublicationLimit,
		RecoveryMaxPublicationLimit:     limits.RecoveryMaxPublicationLimit,
	})
	if err != nil {
		return nil, err
	}
	switch c.Engine.Type {
	case "memory":
	case "redis":
		if err := useRedis(node, c.Engine.Redis); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("engine.type is %q; it can be memory or redis", c.Engine.Type)
	}
	s := &server{node, c, newChannels(c)}
	node.OnConnecting(s.connecting)
	node.OnConnect(s.connected)
	return s, node.Run()
}

func logLevel(name string) centrifuge.LogLevel {
	switch name {
	case "debug":
		return centrifuge.LogLevelDebug
	case "info":
		return centrifuge.LogLevelInfo
	case "warn":
		return centrifuge.LogLevelWarn
	case "error":
		return centrifuge.LogLevelError
	default:
		return centrifuge.LogLevelNone
	}
}

func newLogHandler() centrifuge.LogHandler {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	return func(entry centrifuge.LogEntry) {
		level := slog.LevelInfo
		if entry.Level >= centrifuge.LogLevelError {
			level = slog.LevelError
		}
		log.Log(context.Background(), level, entry.Message, "fields", entry.Fields)
	}
}
