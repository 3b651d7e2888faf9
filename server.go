// Command partnerhub serves the Partner Hub: the API through which alarm
// dealers and resellers sell, run and follow Ajax Services.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // billing time zones, also where the system has none

	"partnerhub/internal/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "partnerhub:", err)
		os.Exit(1)
	}
}

func run() error {
	config, err := server.ParseConfig(os.Args[1:], os.Getenv, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err == nil {
		err = server.CheckEnvironment(os.Environ())
	}
	if err != nil {
		return err
	}
	switch {
	case config.Version:
		fmt.Println(server.Version())
		return nil
	case config.PrintConfig:
		return config.Print(os.Stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	return server.Run(ctx, config, server.Options{Log: log, Talk: os.Stdout})
}
