// The few words of the bar, in the languages of the API.

const words = {
  en: {
    tagline: 'Explore the API',
    signedOut: 'Nobody is signed in: run tab 1',
    asking: 'Signing in…',
    signOut: 'Sign out',
    language: 'Language of answers',
    window: 'New window',
    windowHint: 'Opens a second window with the same session',
    examples: 'Restore examples',
    examplesHint: 'Puts the tabs of the first visit back; your own are gone',
    schema: 'Schema',
    schemaHint: 'The whole contract in the schema language',
  },
  pl: {
    tagline: 'Poznaj API',
    signedOut: 'Nikt nie jest zalogowany: uruchom kartę 1',
    asking: 'Logowanie…',
    signOut: 'Wyloguj',
    language: 'Język odpowiedzi',
    window: 'Nowe okno',
    windowHint: 'Otwiera drugie okno z tą samą sesją',
    examples: 'Przywróć przykłady',
    examplesHint: 'Przywraca karty z pierwszej wizyty; Twoje znikną',
    schema: 'Schemat',
    schemaHint: 'Cały kontrakt w języku schematu',
  },
}

export const languages = Object.keys(words)

/** The words in a language. */
export const wordsIn = (language) => words[language] ?? words.en
