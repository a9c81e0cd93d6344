import { ALLOWED_MEDIA_TYPES, declarationFault, fitsType } from '../../../domain/evidence/mediaTypes';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('what may be evidence', () => {
  test.each([
    ['application/pdf', 'Report.PDF'], ['image/jpeg', 'a.jpeg'], ['text/csv', 'counts.csv'], [DOCX, 'SOP 12 v3.docx'], ['application/gzip', 'dump.archive.gz'],
  ])('B11 %s as %s', (mediaType, fileName) => {
    expect(declarationFault({ mediaType, fileName })).toBeUndefined();
  });

  test.each([
    ['text/html', 'page.html', 'mediaType'], ['image/svg+xml', 'a.svg', 'mediaType'], ['application/octet-stream', 'a.bin', 'mediaType'], ['constructor', 'a', 'mediaType'], ['__proto__', 'a', 'mediaType'],
    ['application/pdf', 'report.pdf.exe', 'fileName'], ['application/pdf', 'report', 'fileName'], ['text/plain', 'pdf', 'fileName'],
  ])('B11 not %s as %s: %s is at fault', (mediaType, fileName, field) => {
    expect(declarationFault({ mediaType, fileName })?.field).toBe(field);
  });

  test.each([
    ['application/pdf', bytes('%PDF-1.7\n')], ['image/png', bytes('\x89PNG\r\n\x1a\n\0\0')], ['image/jpeg', bytes('\xff\xd8\xff\xe0')], ['image/tiff', bytes('II*\0')], ['image/tiff', bytes('MM\0*')],
    [DOCX, bytes('PK\x03\x04')], ['application/zip', bytes('PK\x05\x06')], ['application/gzip', bytes('\x1f\x8b\x08')],
    ['text/csv', bytes('id;name\n')], ['application/json', bytes('{}')], ['text/plain', bytes('\xff\xfeh\0i\0')], ['application/xml', Buffer.from('\ufeff<a/>')],
  ])('B11 %s begins as it should', (mediaType, first) => {
    expect(fitsType(mediaType, first)).toBe(true);
  });

  test.each([
    ['application/pdf', bytes('MZ\x90\0')], ['application/pdf', bytes('%PD')], ['application/pdf', bytes(' %PDF-1.7')], ['image/png', bytes('%PDF-1.7')], [DOCX, bytes('PK\x05\x06')], ['text/csv', bytes('\x7fELF\x02\x01\x01\0')],
    ['application/json', bytes('{"a":\0}')], ['text/html', bytes('<html>')],
  ])('B11 not as %s', (mediaType, first) => {
    expect(fitsType(mediaType, first)).toBe(false);
  });

  test('B11 nothing that a browser or an office program runs is among them', () => {
    expect(ALLOWED_MEDIA_TYPES.filter((type) => /html|svg|script|macro|octet-stream|x-/.test(type))).toEqual([]);
  });
});
