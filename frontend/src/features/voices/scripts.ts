/**
 * What is read aloud for a voice sample, sentence by sentence: some half a minute in each language.
 *
 * The Japanese script holds every mora of the plain and the voiced rows, the English one every
 * consonant and vowel, so that no sound of the voice is left unheard.
 */

const SCRIPTS: Record<string, readonly string[]> = {
  ja: [
    "朝は焼きたてのパンとりんご、それに温かい牛乳がうれしいです。",
    "今日は駅前の写真屋で、ちょっと古いカメラを見つけました。",
    "妹は毎週プールで、百メートルも泳ぐようになりました。",
    "さんぽの犬が、ぴょんと水たまりを飛びこえて、ボールをくわえました。",
    "ねえ、旅行のおみやげは、先生と友だちに、どれを選べばいい？",
    "わたしの部屋の机には、ぶあつい辞書とペンが並んでいます。",
    "風がやむと、星空の下で、虫たちが静かに鳴きはじめました。",
    "いろいろありがとうございます。またゆっくりお茶を飲みましょう。",
  ],
  en: [
    "Hello! I am sitting by the window with a cup of hot tea.",
    "The children next door are choosing toys for a long train journey.",
    "My brother usually laughs when the yellow bird sings in the garden.",
    "We should buy fresh bread, cheese and five ripe oranges before noon.",
    "A cool south wind pushed the clouds over the quiet village.",
    "Could you show me how the old clock on the wall works?",
    "What a pleasure it is to hear your voice again after all these years!",
    "Thank you for reading. Let us cook something warm together tonight.",
  ],
  zh: [
    "你好！今天的天气真不错。",
    "早上我一边喝咖啡，一边看着窗外的街道慢慢热闹起来。",
    "下午我想去附近的公园散散步。",
    "在大树下面看书，是我的一个小小的乐趣。",
    "晚上我们会一起做一顿热乎乎的饭，每个人都讲讲自己的一天。",
    "没有什么比这更让我高兴了。",
  ],
  ko: [
    "안녕하세요. 오늘은 날씨가 정말 좋네요.",
    "아침에는 커피를 마시면서 창밖의 거리를 천천히 바라보았습니다.",
    "오후에는 가까운 공원까지 산책을 가려고 합니다.",
    "큰 나무 아래에서 책을 읽는 것이 저의 작은 즐거움입니다.",
    "저녁에는 가족과 함께 따뜻한 밥을 먹습니다.",
    "모두가 웃고 있는 것이 무엇보다도 기쁩니다.",
  ],
  es: [
    "¡Hola! Qué día tan bonito hace hoy.",
    "Esta mañana me tomé un café y miré por la ventana cómo despertaba la calle.",
    "Por la tarde me gustaría caminar hasta el parque de la esquina.",
    "Leer un libro bajo el árbol grande es uno de mis pequeños placeres.",
    "Por la noche cocinaremos algo caliente juntos y cada uno contará su día.",
    "Nada me hace más feliz.",
  ],
  fr: [
    "Bonjour ! Quelle belle journée aujourd’hui.",
    "Ce matin, j’ai bu un café en regardant la rue se réveiller derrière ma fenêtre.",
    "Cet après-midi, j’aimerais marcher jusqu’au parc du coin.",
    "Lire un livre sous le grand arbre est l’un de mes petits plaisirs.",
    "Ce soir, nous cuisinerons ensemble quelque chose de chaud, et chacun racontera sa journée.",
    "Rien ne me rend plus heureux.",
  ],
};

/** The sentences of a language's script; those of English where there is none. */
export const scriptOf = (language: string): readonly string[] =>
  SCRIPTS[language] ?? SCRIPTS.en ?? [];

/** Characters that an unhurried reader speaks in a second. */
const CHARACTERS_A_SECOND: Record<string, number> = { ja: 6, zh: 4, ko: 6 };
const LETTERS_A_SECOND = 14;

/** About how long it takes to read `text` aloud, in seconds. */
export const readingTime_s = (text: string, language: string): number =>
  text.length / (CHARACTERS_A_SECOND[language] ?? LETTERS_A_SECOND);
