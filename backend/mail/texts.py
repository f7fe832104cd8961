"""The words of our mails."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language's sentences; braces take names."""

    subject: str
    greeting: str
    lead: str
    watch: str
    thumbnail: str
    locked: str
    synthetic: str
    personal: str
    unsubscribe: str
    unsubscribe_title: str
    unsubscribe_text: str
    unsubscribe_button: str
    unsubscribed: str
    unsubscribe_gone: str
    viewed_subject: str
    viewed: str
    viewed_by: str
    see_audience: str
    untitled: str
    switch: str


EN = Words(
    subject="{sender} sent you a video message",
    greeting="Hello {name},",
    lead="{sender} has recorded a video message for you.",
    watch="Watch the video",
    thumbnail="Moving preview of the video message by {sender}",
    locked="The link asks for a password. {sender} tells it to you in another way.",
    synthetic="The voice in it is synthetic, made with its owner’s consent.",
    personal="The link is meant for you: {sender} sees when it is watched.",
    unsubscribe="Get no more mails from this sender",
    unsubscribe_title="No more mails?",
    unsubscribe_text="{sender} will send you no more mails through Video Message.",
    unsubscribe_button="Send me no more",
    unsubscribed="Done. {sender} will send you no more mails through Video Message.",
    unsubscribe_gone="This link leads nowhere (any more).",
    viewed_subject="“{title}” has been watched for the first time",
    viewed="Your video message “{title}” has just been watched for the first time.",
    viewed_by="It was watched through the link for {label}.",
    see_audience="See who has watched",
    untitled="Untitled",
    switch="You get one such mail a message. Switch it off on your account page.",
)
JA = Words(
    subject="{sender}さんからビデオメッセージが届きました",
    greeting="{name}様",
    lead="{sender}さんから、あなたにビデオメッセージが届いています。",
    watch="動画を見る",
    thumbnail="{sender}さんのビデオメッセージの動くプレビュー",
    locked="リンクにはパスワードがかかっています。{sender}さんから別の方法で伝えられます。",
    synthetic="動画の声は、本人の同意を得て作られた合成音声です。",
    personal="このリンクはあなた専用です。再生されると、{sender}さんに分かります。",
    unsubscribe="この送信者からのメールを停止する",
    unsubscribe_title="メールを停止しますか？",
    unsubscribe_text="今後、{sender}さんからビデオメッセージのメールは届かなくなります。",
    unsubscribe_button="停止する",
    unsubscribed="停止しました。今後、{sender}さんからビデオメッセージのメールは届きません。",
    unsubscribe_gone="このリンクは使えません。",
    viewed_subject="「{title}」が初めて再生されました",
    viewed="ビデオメッセージ「{title}」が、たった今、初めて再生されました。",
    viewed_by="「{label}」へのリンクから再生されました。",
    see_audience="視聴の状況を見る",
    untitled="無題",
    switch="このお知らせはメッセージごとに1通だけです。アカウントのページで止められます。",
)


def words_in(language: str) -> Words:
    """Return the words in `language`; English where we have none."""
    return JA if language == "ja" else EN
