/** Numbers over time as small bars; what they say is told beside them in words. */
export function Spark(props: { values: readonly number[] }) {
  const top = Math.max(1, ...props.values);
  return (
    <svg class="spark" viewBox={`0 0 ${props.values.length} 10`} preserveAspectRatio="none" aria-hidden="true">
      {props.values.map((value, at) => {
        const height = value === 0 ? 0 : Math.max(1, (value / top) * 10);
        return <rect x={at} y={10 - height} width={0.8} height={height} />;
      })}
    </svg>
  );
}
