package main

import "testing"

func (w *world) testDoctor(t *testing.T) { w.in(t) }
