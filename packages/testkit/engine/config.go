package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// config is the part of Centrifugo's v6 configuration that this program obeys, under the same keys and with the same
// defaults. Other keys are passed over.
type config struct {
	HTTPServer struct {
		Address         string `json:"address"`
		Port            number `json:"port"`
		InternalAddress string `json:"internal_address"`
		InternalPort    number `json:"internal_port"`
		TLS             struct {
			Enabled bool   `json:"enabled"`
			CertPem string `json:"cert_pem"`
			KeyPem  string `json:"key_pem"`
		} `json:"tls"`
	} `json:"http_server"`
	Client    clientConfig `json:"client"`
	WebSocket struct {
		MessageSizeLimit int      `json:"message_size_limit"`
		WriteTimeout     duration `json:"write_timeout"`
	} `json:"websocket"`
	Channel struct {
		MaxLength        int            `json:"max_length"`
		HistoryMetaTTL   duration       `json:"history_meta_ttl"`
		WithoutNamespace channelOptions `json:"without_namespace"`
		Namespaces       []namespace    `json:"namespaces"`
	} `json:"channel"`
	HTTPAPI struct {
		Key       string `json:"key"`
		ErrorMode string `json:"error_mode"`
	} `json:"http_api"`
	Engine struct {
		Type  string      `json:"type"`
		Redis redisConfig `json:"redis"`
	} `json:"engine"`
	Health struct {
		Enabled bool `json:"enabled"`
	} `json:"health"`
	Log struct {
		Level string `json:"level"`
	} `json:"log"`
	Node struct {
		Name string `json:"name"`
	} `json:"node"`
	Shutdown struct {
		Timeout duration `json:"timeout"`
	} `json:"shutdown"`
}

type clientConfig struct {
	Token                             tokenConfig `json:"token"`
	SubscriptionToken                 tokenConfig `json:"subscription_token"`
	AllowedOrigins                    []string    `json:"allowed_origins"`
	AllowAnonymousConnectWithoutToken bool        `json:"allow_anonymous_connect_without_token"`
	DisallowAnonymousConnectionTokens bool        `json:"disallow_anonymous_connection_tokens"`
	PingInterval                      duration    `json:"ping_interval"`
	PongTimeout                       duration    `json:"pong_timeout"`
	StaleCloseDelay                   duration    `json:"stale_close_delay"`
	ExpiredCloseDelay                 duration    `json:"expired_close_delay"`
	ExpiredSubCloseDelay              duration    `json:"expired_sub_close_delay"`
	PresenceUpdateInterval            duration    `json:"presence_update_interval"`
	ChannelPositionCheckDelay         duration    `json:"channel_position_check_delay"`
	ChannelLimit                      int         `json:"channel_limit"`
	QueueMaxSize                      int         `json:"queue_max_size"`
	UserConnectionLimit               int         `json:"user_connection_limit"`
	HistoryMaxPublicationLimit        int         `json:"history_max_publication_limit"`
	RecoveryMaxPublicationLimit       int         `json:"recovery_max_publication_limit"`
}

// tokenConfig says how one kind of JWT is checked. Enabled counts for subscription tokens alone: without it they are
// checked as connection tokens are.
type tokenConfig struct {
	Enabled       bool   `json:"enabled"`
	HMACSecretKey string `json:"hmac_secret_key"`
	Audience      string `json:"audience"`
	Issuer        string `json:"issuer"`
}

func readConfig(file string) (*config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := defaults()
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if c.HTTPServer.Port == 0 {
		return nil, fmt.Errorf("%s: http_server.port is missing", file)
	}
	if !c.Client.SubscriptionToken.Enabled {
		c.Client.SubscriptionToken = c.Client.Token
	}
	return c, nil
}

func defaults() *config {
	c := &config{}
	c.Client.PingInterval = seconds(25)
	c.Client.PongTimeout = seconds(8)
	c.Client.StaleCloseDelay = seconds(10)
	c.Client.ExpiredCloseDelay = seconds(25)
	c.Client.ExpiredSubCloseDelay = seconds(25)
	c.Client.PresenceUpdateInterval = seconds(27)
	c.Client.ChannelPositionCheckDelay = seconds(40)
	c.Client.ChannelLimit = 128
	c.Client.QueueMaxSize = 1 << 20
	c.Client.HistoryMaxPublicationLimit = 300
	c.Client.RecoveryMaxPublicationLimit = 300
	c.WebSocket.MessageSizeLimit = 65_536
	c.WebSocket.WriteTimeout = seconds(1)
	c.Channel.MaxLength = 255
	c.Channel.HistoryMetaTTL = seconds(720 * 3600)
	c.Engine.Type = "memory"
	c.Engine.Redis.Prefix = "centrifugo"
	c.Log.Level = "info"
	c.Shutdown.Timeout = seconds(30)
	return c
}

func seconds(n int) duration { return duration{time.Duration(n) * time.Second} }

// duration is written as "25s".
type duration struct{ time.Duration }

func (d *duration) UnmarshalJSON(text []byte) error {
	var written string
	if err := json.Unmarshal(text, &written); err != nil {
		return fmt.Errorf("a duration is written like \"25s\", not %s", text)
	}
	parsed, err := time.ParseDuration(written)
	d.Duration = parsed
	return err
}

// number may be written as text too, as Centrifugo has it for its internal port.
type number int

func (n *number) UnmarshalJSON(text []byte) error {
	var written json.Number
	if err := json.Unmarshal(text, &written); err != nil || written == "" {
		return err
	}
	parsed, err := written.Int64()
	*n = number(parsed)
	return err
}

// oneOrMore is a text or a list of texts.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	var more []string
	err := json.Unmarshal(text, &more)
	*o = more
	return err
}
