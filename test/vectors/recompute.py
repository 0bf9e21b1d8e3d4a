# Made the JSON files beside it: Culvert's arithmetic once more, by other means (Python's integers, hmac, and pyca/cryptography).
# Run it after a change: the result must stay the same, as the randomness is seeded.
import hmac, hashlib, json, os, random
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
R=random.Random(20261123)
rb=lambda n: R.randbytes(n)
H=lambda b:b.hex()
out={}
# --- MODP
def pi_bits(n):
    # floor(2^n * pi), Machin
    prec=n+64
    def arctan_inv(x):
        t=(1<<prec)//x; s=t; k=3; sign=-1
        while t:
            t//=x*x; s+=sign*(t//k); sign=-sign; k+=2
        return s
    v=4*(4*arctan_inv(5)-arctan_inv(239))
    return v>>(prec-n)
c={2048:124476,3072:1690314,4096:240904}
modp=[]
for bits,cc in c.items():
    p=2**bits-2**(bits-64)-1+2**64*(pi_bits(bits-130)+cc)
    assert pow(2,p-1,p)==1
    L=bits//8
    xi=int.from_bytes(rb(40)); 
    xr=int.from_bytes(rb(40))
    modp.append(dict(group=f'modp{bits}',initiatorPrivate=H(xi.to_bytes(40)),responderPrivate=H(xr.to_bytes(40)),initiatorPublic=H(pow(2,xi,p).to_bytes(L)),responderPublic=H(pow(2,xr,p).to_bytes(L)),sharedSecret=H(pow(2,xi*xr,p).to_bytes(L)),prime=H(p.to_bytes(L))))
    if bits==2048:
        while True:
            xr=int.from_bytes(rb(40)); gr=pow(2,xr,p)
            z=pow(gr,xi,p)
            if z.to_bytes(L)[0]==0: break
        modp.append(dict(group='modp2048',note='the shared secret begins with a zero byte',initiatorPrivate=H(xi.to_bytes(40)),responderPrivate=H(xr.to_bytes(40)),initiatorPublic=H(pow(2,xi,p).to_bytes(L)),responderPublic=H(gr.to_bytes(L)),sharedSecret=H(z.to_bytes(L)),prime=H(p.to_bytes(L))))
# --- IKEv2 keys
def prf(h,k,*d): return hmac.new(k,b''.join(d),h).digest()
def prfplus(h,k,s,n):
    o=b'';t=b'';i=1
    while len(o)<n: t=prf(h,k,t,s,bytes([i])); o+=t; i+=1
    return o[:n]
def cut(s,*ns):
    r=[]
    for n in ns: r.append(s[:n]); s=s[n:]
    assert not s
    return r
PL=dict(sha1=20,sha256=32,sha384=48,sha512=64)
keys=[]
suites=[('sha1','aes-cbc',128,'hmac-sha1-96','sha1',0),('sha256','aes-cbc',256,'hmac-sha256-128','sha256',0),('sha384','aes-gcm-16',256,None,None,4),('sha512','chacha20-poly1305',256,None,None,4),('sha512','aes-cbc',192,'hmac-sha512-256','sha512',0),('sha256','aes-gcm-16',128,None,None,4),('sha384','aes-cbc',128,'hmac-sha384-192','sha384',0)]
for n,(h,e,kb,it,ih,salt) in enumerate(suites):
    ni,nr,g,g2=rb(32),rb(16+n),rb(32),rb(256)
    si,sr=rb(8),rb(8)
    p=PL[h]; a=PL[ih] if ih else 0; k=kb//8+salt
    ss=prf(h,ni+nr,g)
    d,ai,ar,ei,er,pi_,pr=cut(prfplus(h,ss,ni+nr+si+sr,3*p+2*a+2*k),p,a,a,k,k,p,p)
    ni2,nr2,si2,sr2=rb(24),rb(32),rb(8),rb(8)
    # rekeyed with the next suite
    h2,e2,kb2,it2,ih2,salt2=suites[(n+1)%len(suites)]
    p2=PL[h2]; a2=PL[ih2] if ih2 else 0; k2=kb2//8+salt2
    rk=cut(prfplus(h2,prf(h,d,g2,ni2,nr2),ni2+nr2+si2+sr2,3*p2+2*a2+2*k2),p2,a2,a2,k2,k2,p2,p2)
    c1=cut(prfplus(h,d,ni+nr,2*(k+a)),k,a,k,a)
    c2=cut(prfplus(h,d,g2+ni2+nr2,2*(k+a)),k,a,k,a)
    msg,idb=rb(77),rb(13)
    S=lambda h,e,kb,it:dict(encryption=e,keyBits=kb,prf='hmac-'+h,group='curve25519',**({'integrity':it} if it else {}))
    K=lambda t:{k:H(v) for k,v in zip(['d','ai','ar','ei','er','pi','pr'],t) if v}
    C=lambda t:dict(initiator={k:H(v) for k,v in (('encryptionKey',t[0]),('integrityKey',t[1])) if v},responder={k:H(v) for k,v in (('encryptionKey',t[2]),('integrityKey',t[3])) if v})
    keys.append(dict(suite=S(h,e,kb,it),initiatorNonce=H(ni),responderNonce=H(nr),initiatorSpi=H(si),responderSpi=H(sr),sharedSecret=H(g),
      ike=K((d,ai,ar,ei,er,pi_,pr)),child=C(c1),
      rekeyed=dict(suite=S(h2,e2,kb2,it2),initiatorNonce=H(ni2),responderNonce=H(nr2),initiatorSpi=H(si2),responderSpi=H(sr2),sharedSecret=H(g2),ike=K(rk)),
      childWithSharedSecret=C(c2),
      auth=dict(message=H(msg),identityBody=H(idb),initiatorOctets=H(msg+nr+prf(h,pi_,idb)))))
cavp=dict(source='NIST CAVP, IKEv2 key derivation, HMAC-SHA-1',
 initiatorNonce='32b50d5f4a3763f3',responderNonce='9206a04b26564cb1',
 sharedSecret='4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52',
 newSharedSecret='863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330',
 initiatorSpi='34c9e7c188868785',responderSpi='3ff77d760d2b2199',
 skeyseed='a9a7b222b59f8f48645f28a1db5b5f5d7479cba7',rekeyedSkeyseed='63e81194946ebd05df7df5ebf5d8750056bf1f1d',
 keyingMaterial='a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062768b76606f9fa5e992204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702c979fa280870d2ed41efa9c549fd11198af1670b143d384bd275c5f594cf266b05ebadca855e4249520a441a81157435a7a56cc4')
b=bytes.fromhex
ss=prf('sha1',b(cavp['initiatorNonce']+cavp['responderNonce']),b(cavp['sharedSecret']));assert H(ss)==cavp['skeyseed']
assert H(prfplus('sha1',ss,b(cavp['initiatorNonce']+cavp['responderNonce']+cavp['initiatorSpi']+cavp['responderSpi']),132))==cavp['keyingMaterial']
# --- ESP
def gcm(k,n,a,p): return AESGCM(k).encrypt(n,p,a)
def cc(k,n,a,p): return ChaCha20Poly1305(k).encrypt(n,p,a)
esp=[]
def comb(enc,k,salt,spi,seq,iv,pt,esn=None,note=None,expect=None):
    aad=spi+(esn or b'')+seq
    s=(gcm if enc=='aes-gcm-16' else cc)(k,salt+iv,aad,pt)
    if expect: assert s==expect,(note,H(s))
    esp.append(dict(note=note,encryption=enc,encryptionKey=H(k+salt),plain=H(spi+seq+iv+pt),sealed=H(spi+seq+iv+s),**({'sequenceHigh':int.from_bytes(esn)} if esn else {})))
hx=lambda s:b(s.replace(' ',''))
k=hx('feffe9928665731c6d6a8f9467308308')
pt=hx('4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369747902646b0000010001 0001')
try:
    comb('aes-gcm-16',k,hx('cafebabe'),hx('0000a5f8'),hx('0000000a'),hx('facedbaddecaf888'),pt,note='draft-mcgrew-gcm-test: AES-128-GCM, a DNS query',
     expect=hx('deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a'))
except AssertionError as e: print('gcm esp memory mismatch',e)
k=bytes(range(0x80,0xa0))
pt=hx('4500005 4a6f2000040 01e778c6336405c000020508005b7a3a080000553bec1000073627 08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637 01020204')
try:
    comb('chacha20-poly1305',k,hx('a0a1a2a3'),hx('01020304'),hx('00000005'),hx('1011121314151617'),pt,note='RFC 7634 appendix A: an ICMP echo request',
     expect=hx('24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43'))
except AssertionError as e: print('chacha esp memory mismatch',e)
for enc,kl in (('aes-gcm-16',16),('aes-gcm-16',24),('aes-gcm-16',32),('chacha20-poly1305',32)):
    for esn in (None,hx('00000001'),hx('80000000')):
        comb(enc,rb(kl),rb(4),rb(4),rb(4),bytes(8),rb(4*R.randrange(1,60)),esn=esn,note=f'{enc} {kl*8} bits'+(', extended' if esn else ''))
def cbc(ek,ihash,icv,ak,spi,seq,iv,pt,esn=None,integ=None,note=None):
    e=Cipher(algorithms.AES(ek),modes.CBC(iv)).encryptor(); ct=e.update(pt)+e.finalize()
    m=spi+seq+iv+ct
    t=hmac.new(ak,m+(esn or b''),ihash).digest()[:icv]
    esp.append(dict(note=note,encryption='aes-cbc',encryptionKey=H(ek),integrity=integ,integrityKey=H(ak),plain=H(spi+seq+iv+pt),sealed=H(m+t),**({'sequenceHigh':int.from_bytes(esn)} if esn else {})))
for integ,h,icv in (('hmac-sha1-96','sha1',12),('hmac-sha256-128','sha256',16),('hmac-sha384-192','sha384',24),('hmac-sha512-256','sha512',32)):
    for kl,esn in ((16,None),(24,hx('00000002')),(32,None)):
        cbc(rb(kl),h,icv,rb(PL[h]),rb(4),rb(4),rb(16),rb(16*R.randrange(1,20)),esn=esn,integ=integ,note=f'AES-{kl*8}-CBC {integ}'+(', extended' if esn else ''))
d=os.path.dirname(os.path.abspath(__file__))+'/'
def w(n,o): json.dump(o,open(d+n,'w'),indent=1); open(d+n,'a').write('\n')
w('modp.json',modp); w('ikev2-keys.json',keys); w('ikev2-keys-cavp.json',cavp); w('esp.json',esp)
print(len(modp),len(keys),len(esp))
