import { AskMail } from './ask-mail';

export default function Resend() {
  return (
    <AskMail
      title="Send the link again"
      lead="Enter the email address you signed up with."
      path="/v1/register/resend"
      button="Send it again"
    />
  );
}
