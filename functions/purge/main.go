// Function purge removes, once a day, what belongs to accounts that were closed 30 days before, and people who
// have been in no account for as long. It deletes credentials by their known keys and can read none.
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
	p := &purge{store: store.Purge(store.FromEnvironment()), log: web.Logger(os.Stdout), clock: time.Now}
	lambda.Start(lambdahttp.Scheduled(p.run))
}
