package secret

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Write replaces the secret that name_ARN points to. Operators' commands do; no function may.
func Write(ctx context.Context, name, text string) error {
	arn := os.Getenv(name + "_ARN")
	if arn == "" {
		return fmt.Errorf("secret: %s_ARN is not set", name)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := client().PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(arn), SecretString: aws.String(text),
	})
	if err != nil {
		return fmt.Errorf("secret: %s: %w", name, err)
	}
	return nil
}
