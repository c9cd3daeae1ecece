// The installer's page: on a phone of any age, without the console around it.
const texts = {
  code_mistyped: '安装码有误，请与标签核对。 This is not a claim code; please compare it with the slip.',
  code_invalid: '安装码无效、已过期或已使用。 The code is unknown, expired or used.',
  throttled: '错误次数过多，请稍后再试。 Too many wrong codes; please try again later.',
};
const form = document.querySelector('form');
const failure = document.querySelector('.failure');

// What stands behind '#' never leaves the phone by itself: it is used only when somebody presses the button.
form.code.value = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, '', location.pathname);

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  failure.textContent = '';
  try {
    const answer = await fetch('/api/v1/provision', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code: form.code.value }),
    });
    const body = await answer.json();
    if (answer.ok) show(body);
    else failure.textContent = texts[body.code] ?? `${answer.status}`;
  } catch {
    failure.textContent = '服务器没有响应，请重试。 No answer; please try again.';
  }
});

function show({ deviceId, secret, mqtt }) {
  form.hidden = true;
  document.querySelector('section').hidden = false;
  const fields = { deviceId, secret, mqtt: mqtt.join('\n') };
  for (const [name, value] of Object.entries(fields))
    document.querySelector(`[data-field=${name}]`).textContent = value;
}
