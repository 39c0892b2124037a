package main

import (
	"errors"
	"fmt"

	"github.com/centrifugal/centrifuge"
)

type redisConfig struct {
	Address        oneOrMore `json:"address"`
	Prefix         string    `json:"prefix"`
	User           string    `json:"user"`
	Password       string    `json:"password"`
	DB             int       `json:"db"`
	ConnectTimeout duration  `json:"connect_timeout"`
	IOTimeout      duration  `json:"io_timeout"`
	PresenceTTL    duration  `json:"presence_ttl"`
}

// useRedis keeps history, positions, idempotency keys and presence in Redis, and joins the nodes that share it.
func useRedis(node *centrifuge.Node, c redisConfig) error {
	if len(c.Address) == 0 {
		return errors.New("engine.redis.address is missing")
	}
	shards := make([]*centrifuge.RedisShard, 0, len(c.Address))
	for _, address := range c.Address {
		shard, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{
			Address:        address,
			User:           c.User,
			Password:       c.Password,
			DB:             c.DB,
			ConnectTimeout: c.ConnectTimeout.Duration,
			IOTimeout:      c.IOTimeout.Duration,
		})
		if err != nil {
			return fmt.Errorf("redis cannot be reached: %w", err)
		}
		shards = append(shards, shard)
	}
	broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Prefix: c.Prefix, Shards: shards})
	if err != nil {
		return err
	}
	presence, err := centrifuge.NewRedisPresenceManager(node, centrifuge.RedisPresenceManagerConfig{
		Prefix:      c.Prefix,
		PresenceTTL: c.PresenceTTL.Duration,
		Shards:      shards,
	})
	if err != nil {
		return err
	}
	node.SetBroker(broker)
	node.SetController(broker)
	node.SetPresenceManager(presence)
	return nil
}
