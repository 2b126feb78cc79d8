package main

import "context"

func (w *world) samples(ctx context.Context, c *cli, only string, r *result) error { return nil }
