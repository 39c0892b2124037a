// Command engine is a small Centrifugo on the library that Centrifugo itself is built on, for tests and benches that
// want the original's behaviour where no centrifugo is installed. It reads the part of Centrifugo's v6 configuration
// that config.go names; what it lacks is listed in ../src/push-servers/targets.ts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	file := flag.String("config", "", "Centrifugo v6 configuration, JSON")
	flag.Parse()
	if err := run(*file); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	if file == "" {
		return errors.New("say --config FILE")
	}
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	server, err := openServer(config)
	if err != nil {
		return err
	}
	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer forget()
	listeners, err := listen(config, server)
	if err != nil {
		return err
	}
	select {
	case <-stopped.Done():
	case err = <-listeners.failed:
	}
	limited, cancel := context.WithTimeout(context.Background(), config.Shutdown.Timeout.Duration)
	defer cancel()
	return errors.Join(err, server.node.Shutdown(limited), listeners.close(limited))
}
