//! Portuguese: the sheet of a store with `language: pt`, in the words of the product's own articles.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

/// What a step says.
pub(super) fn step(name: StepName) -> StepText {
    let (title, why, how) = match name {
        StepName::IntegrateWhatsApp => (
            "Integrar o número de WhatsApp",
            "os clientes escrevem para este número; o atendimento humano só é configurado depois da integração",
            "integre o número ao WhatsApp Business (uma conta do Meta Business Manager, um número que não foi usado lá antes) e depois conclua esta etapa com o número",
        ),
        StepName::AgreeLicenses => (
            "Combinar a quantidade de licenças",
            "quantas pessoas podem atender ao mesmo tempo é combinado com o parceiro, e nenhuma interface conhece esse número",
            "combine a quantidade de licenças com o parceiro e declare-a em `licenses.quantity`; depois conclua esta etapa com o valor `{value}` (sem número declarado: que nenhum foi combinado)",
        ),
        StepName::BuySeats => (
            "Comprar assentos",
            "a conta não tem mais assentos para {value} dos agentes declarados",
            "compre assentos na plataforma ou libere alguns, e aumente os assentos em `limits` da conta, se houver; a etapa se fecha sozinha",
        ),
        StepName::SetLicenses => (
            "Pedir a definição das licenças",
            "esta interface da plataforma não tem licenças: só o parceiro pode definir a quantidade",
            "peça ao parceiro para definir {value} licenças na conta e depois conclua esta etapa",
        ),
        StepName::BookTraining => (
            "Agendar o treinamento",
            "estes não têm sessão de treinamento, e o parceiro só a realiza quando ela é agendada: `{value}`",
            "agende uma data com o parceiro e declare-a em `training.sessions` com o público; ou conclua esta etapa com este valor se não precisarem de treinamento",
        ),
        StepName::SendTicketFieldId => (
            "Enviar o id do campo de ticket",
            "o bot grava o número da loja neste campo de cada conversa; sem o id nenhuma resposta chega ao cliente",
            "envie este id a quem opera o bot e depois conclua esta etapa com ele",
        ),
        StepName::SendConversationTag => (
            "Enviar a tag das conversas",
            "o bot marca as conversas da loja com esta tag; os gatilhos não disparam para mais nada",
            "envie esta tag a quem opera o bot e depois conclua esta etapa com ela",
        ),
        StepName::ReceiveHandlerToken => (
            "Receber o token do handler",
            "o webhook `{entry}` precisa do token do seu handler, e só quem opera o handler o conhece",
            "peça o token e crie o Secret `{value}` do tipo `humansupport.dev/webhook-token` com as chaves `host` e `token`; a etapa se fecha sozinha",
        ),
        StepName::SetWebhookAddress => (
            "Definir o endereço do webhook",
            "a plataforma aceita o endereço do seu webhook só nas próprias configurações",
            "na administração da plataforma abra Configurações > Integrações > API e defina o endereço do webhook como `{value}`",
        ),
        StepName::CreateDepartment => (
            "Criar um departamento à mão",
            "esta interface da plataforma não pode criar o departamento `{entry}`, e as conversas chegam a departamentos",
            "crie o departamento `{value}` na administração da plataforma e deixe-o ativo; a etapa se fecha sozinha",
        ),
        StepName::SwitchBot => (
            "Apontar o bot para a nova conta",
            "a loja mudou para outra conta; até o bot ser trocado, os clientes ainda chegam à antiga",
            "peça a quem opera o bot que envie as conversas para `{value}` e depois conclua esta etapa",
        ),
        StepName::ObtainPartnerAccount => (
            "Obter uma conta do parceiro",
            "o parceiro só atende esta loja com uma conta própria",
            "peça a quem administra a conta que obtenha uma para `{value}` e a inclua em `zenvia.accounts`; a etapa se fecha sozinha",
        ),
        StepName::ReassignConversations => (
            "Passar as conversas abertas a outros",
            "`{entry}` não tem mais acesso, e ainda há conversas abertas atribuídas a essa conta",
            "atribua-as a outra pessoa na plataforma; o assento é devolvido quando não restar nenhuma, ou depois de um dia",
        ),
        StepName::ResetPassword => (
            "Definir uma senha",
            "a conta de `{entry}` foi criada com uma senha aleatória que foi descartada",
            "a pessoa deve escolher \"Esqueci minha senha\" com o endereço declarado e definir uma senha; depois conclua esta etapa",
        ),
        StepName::EnableHumanSupport => (
            "Definir o atendimento humano na administração da loja",
            "a administração da loja tem a própria chave, e nenhuma interface a lê ou escreve",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e deixe o atendimento humano em `{value}`; depois conclua esta etapa com essa palavra",
        ),
        StepName::SetBusinessHours => (
            "Definir os horários na administração da loja",
            "o bot pergunta à administração da loja se há atendimento agora, e nenhuma interface escreve os horários",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e informe o fuso, as janelas e as exceções de `businessHours`; depois conclua esta etapa com `{value}`, que muda com os horários",
        ),
        StepName::SetUnavailableMessage => (
            "Definir a mensagem de indisponibilidade",
            "os clientes a leem quando ninguém atende, e nenhuma interface da plataforma a envia",
            "na administração da loja abra Apps > Conversational Commerce > Configurações > Atendimento Humano e informe `businessHours.unavailableMessage`; depois conclua esta etapa com `{value}`, que muda com a mensagem",
        ),
    };
    StepText { title, why, how }
}

/// Who does a step.
pub(super) fn who(who: StepOwner) -> &'static str {
    match who {
        StepOwner::Store => "a loja",
        StepOwner::Partner => "o parceiro",
        StepOwner::PlatformTeam => "a equipe da plataforma",
        StepOwner::BotOperator => "quem opera o bot",
    }
}

/// A heading or a phrase.
pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Title => "Entrega de {store}",
        Label::Generated => {
            "Mantido pelo operador de atendimento humano; o que for mudado aqui é sobrescrito. A fonte é o recurso `{resource}`."
        }
        Label::Store => "Loja",
        Label::Account => "Conta",
        Label::Host => "Central de atendimento",
        Label::Platform => "Plataforma",
        Label::WhatsAppNumber => "Número de WhatsApp",
        Label::Licenses => "Licenças combinadas",
        Label::LicensesUnknown => "nenhuma declarada",
        Label::HumanSupport => "Atendimento humano",
        Label::Enabled => "ligado",
        Label::Disabled => "desligado: os clientes leem a mensagem de indisponibilidade",
        Label::Installation => "Instalação",
        Label::InstallationNote => {
            "Um cluster reconstruído precisa receber este nome como `installation`, ou não encontra os seus objetos."
        }
        Label::HandOver => "Para quem opera o bot",
        Label::ConversationTag => "tag das conversas",
        Label::TicketField => "id do campo de ticket do número de WhatsApp",
        Label::DefaultDepartment => "departamento onde as conversas chegam",
        Label::Webhook => "webhook `{entry}`",
        Label::Item => "O quê",
        Label::Value => "Valor",
        Label::OpenSteps => "Etapas abertas",
        Label::NoOpenStep => "Nenhuma: tudo o que pessoas precisam fazer está feito.",
        Label::Customers => "os clientes esperam por ela",
        Label::Why => "Por quê",
        Label::How => "Como",
        Label::Who => "Quem",
        Label::CompletedBy => "Quando feito, acrescente a `completedSteps`",
        Label::StepsMore => "E mais {value}; `status.summary.pending` conta todas.",
        Label::Departments => "Departamentos",
        Label::Name => "Nome",
        Label::Description => "Descrição",
        Label::Id => "Id na plataforma",
        Label::People => "Pessoas",
        Label::NobodyInProfile => "Ninguém.",
        Label::PeopleMore => "E mais {value}; `spec.agents` lista todas.",
        Label::NotActive => "inativo",
        Label::Until => "até {value}",
        Label::Profiles => "O que cada perfil pode fazer",
        Label::ProfileAgent => "Agente",
        Label::ProfileAdministrator => "Administrador",
        Label::AgentDoes => {
            "Atende os clientes: vendedores, representantes de vendas, equipes de suporte, central de atendimento. Vê a fila de conversas dos seus departamentos e o chat."
        }
        Label::AdministratorDoes => {
            "Gerencia e acompanha no módulo de Administração: vê o painel de atendimento, extrai relatórios, gerencia os atendentes e faz o que um agente faz."
        }
        Label::Conditions => "O que não está como deveria",
        Label::Training => "Treinamento",
        Label::NoTraining => "Nenhuma sessão foi declarada.",
        Label::Session => "Sessão",
        Label::When => "Quando",
        Label::Minutes => "{value} minutos",
        Label::Location => "Onde",
        Label::Audience => "Para",
        Label::Requested => "solicitada, ainda sem data",
        Label::Held => "realizada",
        Label::Cancelled => "cancelada",
        Label::Over => "já passou; foi realizada?",
        Label::Planned => "planejada",
        Label::Repeats => "a cada {weeks} semanas, {times} vezes",
        Label::TrainingSummary => "Treinamento {entry}: {store}",
        Label::Attendees => "Esperados: {value}",
        Label::AttendeesMore => "e mais {value}",
        Label::Reminder => "O treinamento começa em breve",
        Label::Hours => "Horário de atendimento",
        Label::UnavailableMessage => "Mensagem de indisponibilidade",
    }
}
