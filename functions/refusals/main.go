// Function refusals writes refused logins into the logs of the person's accounts. They are in the outbox only so
// that refusing somebody takes as long as refusing nobody; no mail waits for them.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	f := &refusals{store: open(store.FromEnvironment()), log: web.Logger(os.Stdout), clock: time.Now}
	lambda.Start(lambdahttp.Records(f.batch))
}

// doors are what this function may do with the tables.
type doors struct {
	store.AuditWriter
	store.Messages
}

func open(db store.DB) doors {
	return doors{store.AuditWriter(db), store.Messages(db)}
}
