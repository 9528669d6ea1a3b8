package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// authority signs the certificates of one lab; its key never leaves this process.
type authority struct {
	certificate    *x509.Certificate
	certificatePEM []byte
	key            *ecdsa.PrivateKey
}

// The names in certificates by which the components are known to RBAC's bootstrap policy.
var identities = map[string]pkix.Name{
	"admin":              {CommonName: "admin", Organization: []string{"system:masters"}},
	"controller-manager": {CommonName: "system:kube-controller-manager"},
	"scheduler":          {CommonName: "system:kube-scheduler"},
	"proxy":              {CommonName: "system:kube-proxy"},
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificateTemplate(pkix.Name{CommonName: "kube-lab"})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(certificate)
	return &authority{parsed, encodePEM("CERTIFICATE", certificate), key}, err
}

func certificateTemplate(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // never fails since Go 1.24: the program ends instead
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(30 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// issue signs a new key pair for what the template says and returns certificate and key.
func (ca *authority) issue(template *x509.Certificate) (certificatePEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, &key.PublicKey, ca.key)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err = encodeKey(key)
	return encodePEM("CERTIFICATE", certificate), keyPEM, err
}

// writeServerCredentials leaves all that the API server needs to prove who it is and to sign ServiceAccount tokens.
func (ca *authority) writeServerCredentials(directory, adminToken string, bindAddress net.IP) error {
	template := certificateTemplate(pkix.Name{CommonName: "kube-apiserver"})
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.DNSNames = []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.ParseIP("10.96.0.1"), bindAddress}
	certificate, key, err := ca.issue(template)
	if err != nil {
		return err
	}
	serviceAccountKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serviceAccountPEM, err := encodeKey(serviceAccountKey)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ca.crt":              ca.certificatePEM,
		"apiserver.crt":       certificate,
		"apiserver.key":       key,
		"service-account.key": serviceAccountPEM, // the public half is read from it, too
		"tokens.csv":          fmt.Appendf(nil, "%s,admin,admin,\"system:masters\"\n", adminToken),
	} {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfig writes a kubeconfig that needs no other file, and returns its path.
func (ca *authority) writeKubeconfig(directory, identity, url string) (string, error) {
	template := certificateTemplate(identities[identity])
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	certificate, key, err := ca.issue(template)
	if err != nil {
		return "", err
	}
	config := clientcmdapi.NewConfig()
	// With the name pinned, the URL may be edited to any address by which the server can be reached.
	config.Clusters["kube-lab"] = &clientcmdapi.Cluster{
		Server: url, TLSServerName: "kubernetes", CertificateAuthorityData: ca.certificatePEM,
	}
	config.AuthInfos[identity] = &clientcmdapi.AuthInfo{ClientCertificateData: certificate, ClientKeyData: key}
	config.Contexts["kube-lab"] = &clientcmdapi.Context{Cluster: "kube-lab", AuthInfo: identity}
	config.CurrentContext = "kube-lab"
	path := filepath.Join(directory, identity+".kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return encodePEM("EC PRIVATE KEY", der), err
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
