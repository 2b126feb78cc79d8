package rollout

import "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

// UsesSES reports whether a stack sends by Amazon SES. MailUrl itself is not shown by CloudFormation, for it may
// hold a password; the alarm on bounces is there exactly where it is "ses:".
func UsesSES(resources map[string]types.StackResourceSummary) bool {
	_, ok := resources["BouncesAlarm"]
	return ok
}
