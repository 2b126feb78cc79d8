// Function tick does what is due, once a minute: the one clock of the product.
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
	t := newTick(store.Tasks(store.FromEnvironment()))
	t.log, t.clock = web.Logger(os.Stdout), time.Now
	lambda.Start(lambdahttp.Scheduled(t.run))
}
