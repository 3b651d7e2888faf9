package offer

import (
	"partnerhub/ent"
	"partnerhub/internal/i18n"
)

// Name returns the name of a package in a language: the English one, which
// every package has, where it has none in that.
func Name(p *ent.ServicePackage, l i18n.Language) string {
	if name, ok := p.Names[string(l)]; ok {
		return name
	}
	return p.Names[string(i18n.English)]
}
