import { AskMail } from '../ui/ask-mail';

export default function Resend() {
  return <AskMail title="Have the link sent again" lead="Enter what you registered with. The link opens your account." path="/v1/register/resend" button="Send it again" password />;
}
