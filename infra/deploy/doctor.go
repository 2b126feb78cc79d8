package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/doctor"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// errNotYet says that the doctor has found something to do, which it has said.
var errNotYet = errors.New("not everything is set up")

func diagnose(ctx context.Context, s *stage.Stage, c *cloud.Cloud, out io.Writer, asJSON bool, code string) error {
	d := &doctor.Doctor{Stage: s, Cloud: c, DNS: net.DefaultResolver, Stripe: func(key string) (doctor.Stripe, error) {
		return billing.NewClient(key, os.Getenv(billing.BaseName))
	}}
	switch code {
	case "":
	case "send":
		if err := d.SendTestAlarm(ctx); err != nil {
			return err
		}
		fmt.Fprintf(
			out, "A test alarm is under way. Its mail holds a code:\n  make doctor STAGE=%s ALARM_CODE=<code>\n", s.Name,
		)
		return nil
	default:
		if err := d.AlarmArrived(ctx, code, time.Now()); err != nil {
			return err
		}
	}
	results := d.Examine(ctx)
	if err := doctor.Print(out, results, asJSON); err != nil {
		return err
	}
	if !doctor.Green(results) {
		return errNotYet
	}
	return nil
}
