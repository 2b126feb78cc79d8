// Function seal closes each day of receipts, once the day is over.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	s := &sealer{store: store.FromEnvironment(), book: receipt.FromEnvironment(), log: web.Logger(os.Stdout), clock: time.Now}
	lambda.Start(lambdahttp.Scheduled(s.run))
}
