// Function rollup turns the stream of visits into counts.
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
	r := &rollup{store: store.Counts(store.FromEnvironment()), log: web.Logger(os.Stdout), now: time.Now}
	lambda.Start(lambdahttp.Stream(r.apply))
}
