"""Whom and what the examples are about: they tell one story, so its ids stand here once.

Each id has the form that `backend.ids` makes, and the time at which the thing came about. Keys,
secrets and tokens have the documented length and open nothing.
"""

PUBLIC_URL = "https://video.example.com"
PASSWORD = "合言葉は、とても長い例です"  # noqa: S105 - nobody's

ACCOUNT = "acc_01kn35e000esc9xmtfwmx0js9k"
INVITATION = "inv_01kn6249w0e5ra0nsrt5g1gdkc"
API_KEY = "key_01kn8dn9m0eq78pd8gp2t6xret"
WEBHOOK = "whk_01kn8h3580er3v1y8k0ry05sb7"
SAMPLE = "upl_01kndnwk80fyqvyp2atghgg96j"
VOICE = "voc_01kndpex60epdr386npfzwdrtw"
WORD = "wrd_01kr7nsjp0emn88jpz8asqyns2"
PHOTO = "upl_01kr7p2qn0ez0t8mbxdhk99wh9"
MESSAGE = "msg_01kr7pbwm0eg0bshk1x5trkjja"
EVENT = "evt_01kr7phcd0esaaeh5j9szp2w0y"
DELIVERY = "dlv_01kr7phcd0emxadg42d624vf0c"
SHARE = "shr_01kr7pn1k0eawbxdsfg9hzcqd8"
EMAIL = "eml_01kr7ppw60ejetbe0670rkc2j0"
REPLY_RECORDING = "upl_01krbb37w0fgqsdve5thkhcj4g"
REPLY = "rpl_01krbbccv0emf84kvan0xz6tgm"
CAMPAIGN = "cmp_01kt07nv00f7dt22rp67mm3aks"
TEMPLATE = "msg_01kt07nv00evpvjv9vrhm5sa5f"
ROW = "row_01kt0884y0e8htkdz3x8ehty2f"
ROW_MESSAGE = "msg_01kt0b3pm0e1rvvpd7hmcdzwwk"
ROW_EMAIL = "eml_01kt2t2j00fv1t5t8qtc82d53g"
SUPPRESSION = "sup_01kt3b7w40ethrxq54xjmjt153"

KEY_HINT = "vm_EXAMPLEe"
KEY = f"{KEY_HINT}xampleEXAMPLEexampleEXAMPLE0"
WEBHOOK_SECRET = "whsec_b25seSBhbiBleGFtcGxlLCBub3QgYW55IHNlY3JldCE="  # noqa: S105 - says so
INVITATION_URL = f"{PUBLIC_URL}/signup?invitation=EXAMPLE-invitation-EXAMPLE-invitation-00000"
SHARE_PATH = "/s/EXAMPLE-link-to-hanako-EXAMPLE-link-to-hana"
SHARE_URL = PUBLIC_URL + SHARE_PATH
ROW_SHARE_URL = f"{PUBLIC_URL}/s/EXAMPLE-link-to-taro-EXAMPLE-link-to-taro-0"

GREETING = "花子さん、お誕生日おめでとう。"
WISH = "すてきな一年になりますように。"
SCRIPT = f"{GREETING}\n{WISH}"
