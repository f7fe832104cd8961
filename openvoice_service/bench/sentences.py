"""The committed sentences of the bench: everyday messages, written for this project.

The engine is never fitted to them, and the base voices' own tones come from another corpus.
"""

from __future__ import annotations

JAPANESE = (
    "お誕生日おめでとう。これからもずっと元気でいてください。",
    "先週の週末は、家族みんなで海まで出かけました。",
    "新しい仕事には、もう慣れましたか。",
    "庭の桜がやっと咲いたので、写真を送ります。",
    "この前は遠いところまで来てくれて、本当にありがとう。",
    "冬の朝は寒いけれど、空気が澄んでいて気持ちがいいです。",
    "来月の結婚式で会えるのを、とても楽しみにしています。",
    "おばあちゃんの作る味噌汁の味が、今でも忘れられません。",
    "電車が遅れているので、少し待っていてください。",
    "無理をしないで、ゆっくり休んでくださいね。",
)

ENGLISH = (
    "Happy birthday, and thank you for being such a good friend.",
    "We went to the beach with the whole family last weekend.",
    "Have you settled into your new job yet?",
    "The cherry tree in our garden is blooming at last.",
    "Thank you so much for coming all the way to see us.",
    "Winter mornings are cold, but the air is clear and fresh.",
    "I am looking forward to meeting you at the wedding next month.",
    "I still remember the soup that your grandmother used to make.",
    "The train is late today, so please wait a little longer for me.",
    "Please take your time and get plenty of rest.",
    "Congratulations on your graduation from all of us at the office.",
    "The children are growing up quickly and they ask about you every day.",
    "I found an old photograph of our first summer together.",
    "Please call me when you get home tonight.",
    "My brother has bought a small house near the river.",
    "We would love to see you again before the end of the year.",
    "Your letter made me laugh and cry at the same time.",
    "I hope that the weather will be kind to you on your journey.",
    "Dinner is at seven, and there will be music after that.",
    "Take good care of yourself and of everybody around you.",
)
