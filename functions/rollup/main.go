// Function rollup turns the stream of visits into counts.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	r := &rollup{store: store.FromEnvironment(), log: web.Logger(os.Stdout)}
	lambda.Start(lambdahttp.Stream(r.apply))
}
