// Function requeue brings messages back whose time to be tried again has come. It runs every minute.
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
	q := &requeue{store: store.Retries(store.FromEnvironment()), log: web.Logger(os.Stdout), clock: time.Now}
	lambda.Start(lambdahttp.Scheduled(q.run))
}
