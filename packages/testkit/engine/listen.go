package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/centrifugal/centrifuge"
)

// listeners are the program's HTTP servers; failed tells when one ended by itself.
type listeners struct {
	servers []*http.Server
	failed  chan error
}

// listen opens the WebSocket's address and, where the configuration names one, another for API and health.
func listen(c *config, s *server) (*listeners, error) {
	public := http.NewServeMux()
	public.Handle("/connection/websocket", s.webSocket())
	internal := public
	if c.HTTPServer.InternalPort != 0 {
		internal = http.NewServeMux()
	}
	internal.Handle("/api/{method}", s.api())
	if c.Health.Enabled {
		internal.HandleFunc("/health", healthy)
	}
	l := &listeners{failed: make(chan error, 2)}
	certificate, err := certificateOf(c)
	if err != nil {
		return nil, err
	}
	if err := l.open(c.HTTPServer.Address, c.HTTPServer.Port, certificate, public); err != nil {
		return nil, err
	}
	if internal == public {
		return l, nil
	}
	return l, l.open(c.HTTPServer.InternalAddress, c.HTTPServer.InternalPort, nil, internal)
}

func (l *listeners) open(address string, port number, certificate *tls.Config, handler http.Handler) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	if certificate != nil {
		listener = tls.NewListener(listener, certificate)
	}
	server := &http.Server{Handler: handler}
	l.servers = append(l.servers, server)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- err
		}
	}()
	return nil
}

func (l *listeners) close(limited context.Context) error {
	var all error
	for _, server := range l.servers {
		all = errors.Join(all, server.Shutdown(limited))
	}
	return all
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

func (s *server) webSocket() http.Handler {
	return centrifuge.NewWebsocketHandler(s.node, centrifuge.WebsocketConfig{
		MessageSizeLimit: s.config.WebSocket.MessageSizeLimit,
		WriteTimeout:     s.config.WebSocket.WriteTimeout.Duration,
		CheckOrigin:      s.isOriginAllowed,
		PingPongConfig: centrifuge.PingPongConfig{
			PingInterval: s.config.Client.PingInterval.Duration,
			PongTimeout:  s.config.Client.PongTimeout.Duration,
		},
	})
}

// isOriginAllowed lets programs pass, and the pages of allowed origins.
func (s *server) isOriginAllowed(r *http.Request) bool {
	origin := strings.ToLower(r.Header.Get("Origin"))
	if origin == "" {
		return true
	}
	for _, allowed := range s.config.Client.AllowedOrigins {
		if matches, _ := path.Match(strings.ToLower(allowed), origin); matches || allowed == "*" {
			return true
		}
	}
	return false
}

// certificateOf is nil where TLS is not enabled. Certificate and key are files, or PEM themselves.
func certificateOf(c *config) (*tls.Config, error) {
	given := c.HTTPServer.TLS
	if !given.Enabled {
		return nil, nil
	}
	certificate, err := readPem(given.CertPem)
	if err != nil {
		return nil, err
	}
	key, err := readPem(given.KeyPem)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}, err
}

func readPem(given string) ([]byte, error) {
	if strings.HasPrefix(given, "-----BEGIN") {
		return []byte(given), nil
	}
	return os.ReadFile(given)
}
