/*
 * A card reader with keys, for tests: a driver for pcscd whose card dials in as vpcd's does, and whose keys are pressed
 * by the test at the other end of a socket. It reads what the bridge sends by the structures of pcsc-lite's own headers
 * (PC/SC part 10, 2.02.09), puts the digits into the command itself and sends it to the card.
 *
 * DEVICENAME is /dev/null:PORT:SOCKET: where the card dials in, and the socket of the keys. For each entry the driver
 * connects there, says in a line what the reader would show, and reads a line: digits, "cancel", or "nothing" when the
 * person let the reader's time pass.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ifdhandler.h>
#include <reader.h>

enum { VPCD_OFF, VPCD_ON, VPCD_RESET, VPCD_ATR = 4 };
enum { CODE_VERIFY = SCARD_CTL_CODE(0x330000 + FEATURE_VERIFY_PIN_DIRECT),
       CODE_MODIFY = SCARD_CTL_CODE(0x330000 + FEATURE_MODIFY_PIN_DIRECT) };
enum { ENTRY_TIMEOUT = 0x6400, ENTRY_CANCELLED = 0x6401, ENTRY_DIFFERS = 0x6402, ENTRY_SIZE = 0x6403 };
enum { MOST_DIGITS = 16, MOST_COMMAND = 65535 };

static int door = -1, card = -1;
static char keys[sizeof(((struct sockaddr_un *)0)->sun_path)];
static unsigned char atr[MAX_ATR_SIZE];
static DWORD atr_length;

static void drop_card(void) {
  if (card >= 0) close(card);
  card = -1;
  atr_length = 0;
}

static int write_all(int to, const unsigned char *b, size_t n) {
  for (size_t done = 0; done < n;) {
    ssize_t wrote = send(to, b + done, n - done, MSG_NOSIGNAL);
    if (wrote <= 0) return -1;
    done += wrote;
  }
  return 0;
}

static int read_all(int from, unsigned char *b, size_t n) {
  for (size_t done = 0; done < n;) {
    ssize_t got = recv(from, b + done, n - done, 0);
    if (got <= 0) return -1;
    done += got;
  }
  return 0;
}

/* tell sends the card a message of vpcd: a length of two bytes, and the bytes. */
static int tell(const unsigned char *message, size_t n) {
  unsigned char frame[2 + MOST_COMMAND];
  if (card < 0 || n > MOST_COMMAND) return -1;
  frame[0] = n >> 8;
  frame[1] = n;
  memcpy(frame + 2, message, n);
  int failed = write_all(card, frame, n + 2);
  explicit_bzero(frame, n + 2); /* it may hold a PIN */
  if (failed) drop_card();
  return failed;
}

/* hear reads the card's answer, and gives its length; -1 when there is none. */
static int hear(unsigned char *answer, size_t room) {
  unsigned char length[2];
  if (card < 0 || read_all(card, length, 2)) { drop_card(); return -1; }
  size_t n = length[0] << 8 | length[1];
  if (n > room || read_all(card, answer, n)) { drop_card(); return -1; }
  return n;
}

static int control(unsigned char what) { return tell(&what, 1); }

/* press shows a person what is to be typed, and gives how many digits they typed, or minus a status of the reader. */
static int press(const char *shown, int seconds, int fewest, int most, unsigned char *digits) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  char line[64], *end;
  size_t n = 0;
  int pad = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), typed = -ENTRY_TIMEOUT;
  strcpy(at.sun_path, keys);
  if (pad < 0 || connect(pad, (struct sockaddr *)&at, sizeof at) ||
      write_all(pad, (const unsigned char *)shown, strlen(shown))) goto out;
  while (n < sizeof line - 1) {
    struct pollfd wait = {.fd = pad, .events = POLLIN};
    if (poll(&wait, 1, seconds * 1000) <= 0 || recv(pad, line + n, 1, 0) != 1) goto out;
    if (line[n] == '\n') break;
    n++;
  }
  line[n] = 0;
  if (!strcmp(line, "nothing")) goto out;
  if (!strcmp(line, "cancel")) { typed = -ENTRY_CANCELLED; goto out; }
  typed = -ENTRY_SIZE;
  if (n < (size_t)fewest || n > (size_t)most || n > MOST_DIGITS) goto out;
  strtoul(line, &end, 10);
  if (*end) goto out; /* the keys have digits alone */
  memcpy(digits, line, n);
  typed = n;
out:
  if (pad >= 0) close(pad);
  explicit_bzero(line, sizeof line);
  return typed;
}

/* put writes digits into the command as the structure says: here alone ASCII, left-justified, counted in bytes. */
static int put(unsigned char *command, size_t n, unsigned char format, unsigned char block, size_t offset,
               const unsigned char *digits, int typed) {
  size_t at = 5 + (format >> 3 & 0x0F) + offset, size = block & 0x0F;
  if ((format & 0x80) == 0 || (format & 0x07) != 2 || block >> 4 || at + size > n || (size_t)typed > size) return -1;
  memcpy(command + at, digits, typed);
  return 0;
}

static void answer_of(int status, unsigned char *to, DWORD *returned) {
  to[0] = status >> 8;
  to[1] = status;
  *returned = 2;
}

/* forward sends the command with the digits in it to the card; the card's answer is the reader's. */
static RESPONSECODE forward(unsigned char *command, size_t n, unsigned char *to, DWORD room, DWORD *returned) {
  int failed = tell(command, n), got = failed ? -1 : hear(to, room);
  explicit_bzero(command, n);
  if (got < 2) return IFD_COMMUNICATION_ERROR;
  *returned = got;
  return IFD_SUCCESS;
}

static RESPONSECODE verify(const unsigned char *in, DWORD n, unsigned char *to, DWORD room, DWORD *returned) {
  PIN_VERIFY_STRUCTURE s;
  unsigned char command[5 + 255], digits[MOST_DIGITS];
  char shown[128];
  const size_t head = offsetof(PIN_VERIFY_STRUCTURE, abData);
  if (n < head + 5) return IFD_COMMUNICATION_ERROR;
  memcpy(&s, in, head);
  if (s.ulDataLength != n - head || s.ulDataLength > sizeof command) return IFD_COMMUNICATION_ERROR;
  memcpy(command, in + head, s.ulDataLength);
  snprintf(shown, sizeof shown, "enter %d-%d digits, confirm %d, messages %d, language %04x, seconds %d\n",
           s.wPINMaxExtraDigit >> 8, s.wPINMaxExtraDigit & 0xFF, s.bEntryValidationCondition, s.bNumberMessage,
           s.wLangId, s.bTimerOut);
  int typed = press(shown, s.bTimerOut, s.wPINMaxExtraDigit >> 8, s.wPINMaxExtraDigit & 0xFF, digits);
  if (typed < 0) { answer_of(-typed, to, returned); return IFD_SUCCESS; }
  int bad = put(command, s.ulDataLength, s.bmFormatString, s.bmPINBlockString, 0, digits, typed);
  explicit_bzero(digits, sizeof digits);
  return bad ? IFD_COMMUNICATION_ERROR : forward(command, s.ulDataLength, to, room, returned);
}

static RESPONSECODE modify(const unsigned char *in, DWORD n, unsigned char *to, DWORD room, DWORD *returned) {
  PIN_MODIFY_STRUCTURE s;
  unsigned char command[5 + 255], digits[3][MOST_DIGITS];
  static const char *const says[] = {"enter the old PIN:", "enter the new PIN:", "confirm the new PIN:"};
  int typed[3] = {0};
  char shown[128];
  RESPONSECODE result = IFD_COMMUNICATION_ERROR;
  const size_t head = offsetof(PIN_MODIFY_STRUCTURE, abData);
  if (n < head + 5) return IFD_COMMUNICATION_ERROR;
  memcpy(&s, in, head);
  if (s.ulDataLength != n - head || s.ulDataLength > sizeof command) return IFD_COMMUNICATION_ERROR;
  memcpy(command, in + head, s.ulDataLength);
  /* bConfirmPIN: bit 0, the new one is typed twice; bit 1, the old one is typed, too. */
  const int asked[] = {s.bConfirmPIN >> 1 & 1, 1, s.bConfirmPIN & 1};
  for (int i = 0; i < 3; i++) {
    if (!asked[i]) continue;
    snprintf(shown, sizeof shown, "%s %d-%d digits, confirm %d, messages %d, language %04x, seconds %d\n", says[i],
             s.wPINMaxExtraDigit >> 8, s.wPINMaxExtraDigit & 0xFF, s.bEntryValidationCondition, s.bNumberMessage,
             s.wLangId, s.bTimerOut);
    typed[i] = press(shown, s.bTimerOut, s.wPINMaxExtraDigit >> 8, s.wPINMaxExtraDigit & 0xFF, digits[i]);
    if (typed[i] < 0) { answer_of(-typed[i], to, returned); result = IFD_SUCCESS; goto out; }
  }
  if (asked[2] && (typed[1] != typed[2] || memcmp(digits[1], digits[2], typed[1]))) {
    answer_of(ENTRY_DIFFERS, to, returned);
    result = IFD_SUCCESS;
    goto out;
  }
  if (asked[0] && put(command, s.ulDataLength, s.bmFormatString, s.bmPINBlockString, s.bInsertionOffsetOld, digits[0],
                      typed[0])) goto out;
  if (put(command, s.ulDataLength, s.bmFormatString, s.bmPINBlockString, s.bInsertionOffsetNew, digits[1], typed[1]))
    goto out;
  result = forward(command, s.ulDataLength, to, room, returned);
out:
  explicit_bzero(digits, sizeof digits);
  return result;
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) {
  (void)lun;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int port, yes = 1;
  if (sscanf(name, "/dev/null:%d:%107s", &port, keys) != 2) return IFD_NO_SUCH_DEVICE;
  at.sin_port = htons(port);
  door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (door < 0 || setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
      bind(door, (struct sockaddr *)&at, sizeof at) || listen(door, 1)) return IFD_NO_SUCH_DEVICE;
  return IFD_SUCCESS;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) {
  (void)lun, (void)channel;
  return IFD_NO_SUCH_DEVICE; /* pcscd has a name for it */
}

RESPONSECODE IFDHCloseChannel(DWORD lun) {
  (void)lun;
  drop_card();
  if (door >= 0) close(door);
  door = -1;
  return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
  (void)lun;
  switch (tag) {
  case TAG_IFD_ATR:
  case SCARD_ATTR_ATR_STRING:
    if (*length < atr_length) return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, atr, atr_length);
    *length = atr_length;
    return IFD_SUCCESS;
  case TAG_IFD_SIMULTANEOUS_ACCESS:
  case TAG_IFD_SLOTS_NUMBER:
    if (*length < 1) return IFD_ERROR_INSUFFICIENT_BUFFER;
    *value = 1;
    *length = 1;
    return IFD_SUCCESS;
  }
  return IFD_ERROR_TAG;
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
  (void)lun, (void)tag, (void)length, (void)value;
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3) {
  (void)lun, (void)protocol, (void)flags, (void)pts1, (void)pts2, (void)pts3;
  return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR to, PDWORD length) {
  (void)lun;
  int got;
  *length = 0;
  switch (action) {
  case IFD_POWER_DOWN:
    atr_length = 0;
    return control(VPCD_OFF) ? IFD_COMMUNICATION_ERROR : IFD_SUCCESS;
  case IFD_POWER_UP:
  case IFD_RESET:
    if (control(action == IFD_RESET ? VPCD_RESET : VPCD_ON) || control(VPCD_ATR) || (got = hear(atr, sizeof atr)) < 0)
      return IFD_ERROR_POWER_ACTION;
    atr_length = got;
    memcpy(to, atr, atr_length);
    *length = atr_length;
    return IFD_SUCCESS;
  }
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER from, PUCHAR command, DWORD n, PUCHAR answer, PDWORD length,
                               PSCARD_IO_HEADER to) {
  (void)lun;
  int got = tell(command, n) ? -1 : hear(answer, *length);
  *length = 0;
  if (got < 0) return IFD_COMMUNICATION_ERROR;
  *length = got;
  to->Protocol = from.Protocol;
  return IFD_SUCCESS;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR in, DWORD n, PUCHAR out, DWORD room, LPDWORD returned) {
  (void)lun;
  *returned = 0;
  if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
    const PCSC_TLV_STRUCTURE has[] = {{FEATURE_VERIFY_PIN_DIRECT, 4, htonl(CODE_VERIFY)},
                                      {FEATURE_MODIFY_PIN_DIRECT, 4, htonl(CODE_MODIFY)}};
    if (room < sizeof has) return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(out, has, sizeof has);
    *returned = sizeof has;
    return IFD_SUCCESS;
  }
  if (room < 2) return IFD_ERROR_INSUFFICIENT_BUFFER;
  if (code == CODE_VERIFY) return verify(in, n, out, room, returned);
  if (code == CODE_MODIFY) return modify(in, n, out, room, returned);
  return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHICCPresence(DWORD lun) {
  (void)lun;
  unsigned char b;
  if (card < 0) card = accept4(door, NULL, NULL, SOCK_CLOEXEC);
  if (card < 0) return IFD_ICC_NOT_PRESENT;
  ssize_t got = recv(card, &b, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) {
    drop_card();
    return IFD_ICC_NOT_PRESENT;
  }
  return IFD_ICC_PRESENT;
}
