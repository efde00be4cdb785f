/** How good or bad it is what something says. Apart from the parts that show it, so that what is only reckoned can say it too. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'neutral';
