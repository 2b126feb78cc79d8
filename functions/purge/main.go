// Function purge removes, once a day, what belongs to accounts that were closed 30 days before. It deletes
// credentials by their known keys and can read none.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	p := &purge{store: store.FromEnvironment(), clock: time.Now}
	log := web.Logger(os.Stdout)
	lambda.Start(func(ctx context.Context) error {
		gone, err := p.run(ctx)
		log.Info("purged", "accounts", gone)
		return err
	})
}
