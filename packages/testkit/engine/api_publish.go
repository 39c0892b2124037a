package main

import (
	"encoding/json"
	"sync"

	"github.com/centrifugal/centrifuge"
)

// broadcastAtATime bounds how many channels of a broadcast are published to side by side.
const broadcastAtATime = 1024

type publication struct {
	Data           json.RawMessage   `json:"data"`
	B64Data        []byte            `json:"b64data"`
	SkipHistory    bool              `json:"skip_history"`
	Tags           map[string]string `json:"tags"`
	IdempotencyKey string            `json:"idempotency_key"`
}

func (p *publication) data() []byte { return either(p.B64Data, p.Data) }

type publishParameters struct {
	Channel string `json:"channel"`
	publication
}

type broadcastParameters struct {
	Channels []string `json:"channels"`
	publication
}

type position struct {
	Offset uint64 `json:"offset,omitempty"`
	Epoch  string `json:"epoch,omitempty"`
}

func (s *server) apiPublish(p *publishParameters) (any, error) {
	return s.publishTo(p.Channel, &p.publication)
}

func (s *server) apiBroadcast(p *broadcastParameters) (any, error) {
	if len(p.Channels) == 0 || len(p.data()) == 0 {
		return nil, centrifuge.ErrorBadRequest
	}
	responses := make([]outcome, len(p.Channels))
	slots := make(chan empty, broadcastAtATime)
	var running sync.WaitGroup
	for i, channel := range p.Channels {
		slots <- empty{}
		running.Add(1)
		go func() {
			defer running.Done()
			responses[i] = envelope(s.publishTo(channel, &p.publication))
			<-slots
		}()
	}
	running.Wait()
	return map[string]any{"responses": responses}, nil
}

func (s *server) publishTo(channel string, p *publication) (any, error) {
	data := p.data()
	if channel == "" || len(data) == 0 {
		return nil, centrifuge.ErrorBadRequest
	}
	options, err := s.channels.known(channel)
	if err != nil {
		return nil, err
	}
	published, err := s.node.Publish(channel, data, options.history(p.SkipHistory),
		centrifuge.WithIdempotencyKey(p.IdempotencyKey), centrifuge.WithTags(p.Tags))
	if err != nil {
		return nil, err
	}
	return position{published.Offset, published.Epoch}, nil
}
