// Command stripe prepares a Stripe account: products, prices and the webhook endpoint. STRIPE_SECRET_KEY
// names the account.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/mi-telecom/mi-connect/shared/billing"
)

func main() {
	webhook := flag.String("webhook", "", "address of the webhook, https://.../v1/stripe/webhook")
	flag.Parse()
	client, err := billing.NewClient(os.Getenv(billing.KeyName), os.Getenv(billing.BaseName))
	if err == nil {
		err = client.Setup(context.Background(), *webhook, func(made string) { fmt.Println("made", made) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("Stripe has what the plans need.")
}
