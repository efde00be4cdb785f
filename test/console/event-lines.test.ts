import { eventReader } from '../../console/src/lib/event-lines';

const STREAM = 'retry: 2000\n\nid: 4\n\n: still here\n\nid: 5\nevent: a.b\ndata: {"x":\ndata: 1}\n\n';

test('reads events whatever pieces they come in', () => {
  const wanted = [
    { id: '4', type: 'message', data: '' },
    { id: '5', type: 'a.b', data: '{"x":\n1}' },
  ];
  for (const size of [1, 3, 7, STREAM.length]) {
    const read = eventReader();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...read(STREAM.slice(at, at + size)));
    expect(events).toEqual(wanted);
  }
});

test('an event that is not complete waits for its end', () => {
  const read = eventReader();
  expect(read('data: half')).toEqual([]);
  expect(read(' whole\r\n\r\n')).toEqual([{ id: null, type: 'message', data: 'half whole' }]);
});
